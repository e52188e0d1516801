// Bytes changed on the way: never "holds", never red; what was an old copy is fetched again.
import assert from 'node:assert/strict';
import { code, flipped, rules, sections, unfold, verdict } from './stage.mjs';

const BUNDLE = /\/bundle/;

/** Visits a unit while its bundles are changed; `times` says how many of them. */
async function changed(stage, change, times = Infinity) {
  const context = await stage.phone();
  let left = times;
  await context.route(BUNDLE, async (route) => {
    const answer = await route.fetch();
    const body = await answer.body();
    left -= 1;
    await route.fulfill({ response: answer, body: left < 0 ? body : change(body) });
  });
  const page = await stage.visit(context, stage.units[0]);
  return { page, context };
}

async function cannotShow(stage, name, change) {
  const { page, context } = await changed(stage, change);
  assert.equal(await code(page), 'CANNOT_SHOW', name);
  await context.close();
}

const inside = (name, offset = 0.5) => (bundle) => {
  const { start, length } = sections(bundle)[name];
  assert.ok(length > 0, name);
  return flipped(bundle, start + Math.floor(length * offset));
};

export default {
  async 'one byte of an entry'(stage) {
    const { page, context } = await changed(stage, (bundle) => {
      const at = bundle.indexOf('"amount":', sections(bundle).entries.start);
      assert.ok(at > 0);
      return flipped(bundle, at + '"amount":'.length);
    });
    assert.equal(await code(page), 'CANNOT_SHOW');
    await rules(page, 'CANNOT_SHOW');
    await stage.shot(page, 'cannot-show');
    await context.unroute(BUNDLE);
    await page.tap('[data-do=again]');
    await page.waitForFunction(() => document.getElementById('strip').dataset.code === 'OK_UNWITNESSED');
    await context.close();
  },

  async 'one byte of every part that comes from a tile or a checkpoint'(stage) {
    for (const part of ['charter', 'charter-path', 'checkpoint', 'index-leaf', 'index-path', 'rows', 'rows-proof', 'registry']) {
      await cannotShow(stage, part, inside(part));
    }
    await cannotShow(stage, 'root', inside('checkpoint', 0.3));
    await cannotShow(stage, 'signature', inside('checkpoint', 0.9));
  },

  async 'an old copy on the way is fetched again'(stage) {
    const { page, context } = await changed(stage, inside('checkpoint'), 1);
    assert.equal(await code(page), 'OK_UNWITNESSED');
    await context.close();
  },

  async 'a stranger\'s page in the place of the bundle, and none at all'(stage) {
    await cannotShow(stage, 'html', () => Buffer.from('<!doctype html><p>登录后上网'));
    await cannotShow(stage, 'nothing', () => Buffer.alloc(0));
    await cannotShow(stage, 'cut', (bundle) => bundle.subarray(0, bundle.length - 100));
    const context = await stage.phone();
    await context.route(BUNDLE, (route) => route.fulfill({ status: 404, body: '' }));
    assert.equal(await code(await stage.visit(context, stage.units[0])), 'CANNOT_SHOW');
    await context.close();
  },

  async 'a page that shows another figure than the ledger holds'(stage) {
    for (const [times, expected] of [[Infinity, 'CANNOT_SHOW'], [1, 'OK_UNWITNESSED']]) {
      const context = await stage.phone();
      let left = times;
      await context.route('**/u/*', async (route) => {
        const answer = await route.fetch();
        const html = await answer.text();
        left -= 1;
        const lie = html.replace(/(data-fact="花出去">)[^<]+/, '$11 元');
        assert.notEqual(lie, html);
        await route.fulfill({ response: answer, body: left < 0 ? html : lie });
      });
      const page = await stage.visit(context, stage.units[0]);
      assert.equal(await code(page), expected);
      // What stands there now was drawn from verified bytes, whatever came first.
      assert.notEqual(await page.textContent('[data-fact="花出去"]'), '1 元');
      await context.close();
    }
  },

  async 'another ledger under the same address'(stage) {
    const context = await stage.phone();
    await stage.visit(context, stage.units[0]);
    await stage.serve(context, 'a');
    const page = await stage.visit(context, stage.forkedUnit);
    assert.equal(await code(page), 'CANNOT_SHOW');
    await context.close();
  },

  async 'an older head than the one remembered'(stage) {
    const context = await stage.phone();
    await stage.serve(context, 'grown');
    await stage.visit(context, stage.forkedUnit);
    await stage.serve(context, 'a');
    assert.equal(await code(await stage.visit(context, stage.forkedUnit)), 'CANNOT_SHOW');
    await context.close();
  },

  async 'no single bit flip of a bundle holds, or is red'(stage) {
    const context = await stage.phone();
    const page = await stage.visit(context, stage.units[0]);
    await page.addScriptTag({ url: '/viewer/viewer.js' });
    const wrong = await page.evaluate(async (unit) => {
      await wasm_bindgen({ module_or_path: '/viewer/viewer_bg.wasm' });
      wasm_bindgen.speak(await (await fetch('/viewer/words.zh.txt')).text());
      const bundle = new Uint8Array(await (await fetch(`/api/v1/units/${unit}/bundle?from=1`)).arrayBuffer());
      const judge = (bytes) => wasm_bindgen.check(bytes, unit, 1, 0, 0, '', '', '').split('\0')[0];
      if (judge(bundle) !== 'OK_UNWITNESSED') return ['the bundle itself'];
      const wrong = [];
      for (let i = 0, at = 7; i < 400; i += 1) {
        at = (at * 48271) % 2147483647; // the same positions in every run
        const copy = bundle.slice();
        copy[at % copy.length] ^= 1 << (at % 7);
        const code = judge(copy);
        if (code.startsWith('OK') || code.startsWith('FAILED')) wrong.push(`${at % copy.length}: ${code}`);
      }
      return wrong;
    }, stage.units[0]);
    assert.deepEqual(wrong, []);
    await context.close();
  },
};
