// No network, no WASM, no script: the account stays readable, and nothing is ever red.
import assert from 'node:assert/strict';
import { code, rules, verdict } from './stage.mjs';

const NEUTRAL = ['OFFLINE', 'CANNOT_CHECK', 'CHECKING'];
const WORDS = '**/viewer/words.zh.txt';
const REQUESTS = [
  '**/viewer/app.js', '**/viewer/worker.js', '**/viewer/viewer.js', '**/viewer/viewer_bg.wasm', WORDS, '**/bundle?*',
];

async function readable(page) {
  assert.match(await page.textContent('[data-fact="花出去"]'), /元$/);
}

export default {
  async 'WebAssembly is off'(stage) {
    const context = await stage.phone();
    await context.addInitScript(() => { delete globalThis.WebAssembly; });
    const page = await stage.visit(context, stage.units[0]);
    assert.equal(await code(page), 'CANNOT_CHECK');
    await rules(page, 'CANNOT_CHECK');
    await readable(page);
    await stage.shot(page, 'cannot-check');
    await context.close();
  },

  async 'scripts are off'(stage) {
    const context = await stage.phone(undefined, { javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(stage.unitUrl(stage.units[0]));
    await readable(page);
    const strips = await page.locator('.strip:visible').all();
    assert.equal(strips.length, 1);
    assert.equal(await strips[0].getAttribute('data-code'), 'CANNOT_CHECK');
    await stage.shot(page, 'no-script');
    await context.close();
  },

  async 'the network drops at each request, or the server fails at it'(stage) {
    for (const pattern of REQUESTS) {
      for (const broken of ['drop', 'fail']) {
        const context = await stage.phone();
        const drop = (route) => (broken === 'drop' ? route.abort('connectionreset') : route.fulfill({ status: 503, body: '' }));
        await context.route(pattern, drop);
        const page = await context.newPage();
        await page.goto(stage.unitUrl(stage.units[0]));
        if (!pattern.endsWith('app.js')) await verdict(page);
        const found = await code(page);
        assert.ok(NEUTRAL.includes(found), `${pattern} ${broken}: ${found}`);
        await rules(page, `${pattern} ${broken}`);
        await readable(page);
        if (pattern.endsWith('bundle?*') && broken === 'drop') {
          await stage.shot(page, 'offline');
          await context.unroute(pattern);
          await page.tap('[data-do=again]');
          await page.waitForFunction(() => document.getElementById('strip').dataset.code === 'OK_UNWITNESSED');
        }
        await context.close();
      }
    }
  },

  async 'words that are not whole, or not there, are no verdict on the account'(stage) {
    const whole = await (await fetch(new URL('/viewer/words.zh.txt', stage.url))).text();
    const broken = {
      missing: { status: 404, body: '' },
      'a stranger': { status: 200, body: '<!doctype html><p>登录后上网' },
      cut: { status: 200, body: whole.slice(0, whole.length / 2) },
      'not UTF-8': { status: 200, body: Buffer.from(whole, 'utf16le') },
    };
    for (const [name, answer] of Object.entries(broken)) {
      const context = await stage.phone();
      await context.route(WORDS, (route) => route.fulfill({ contentType: 'text/plain', ...answer }));
      const page = await stage.visit(context, stage.units[0]);
      assert.equal(await code(page), 'CANNOT_CHECK', name);
      await rules(page, name);
      await readable(page);
      await context.close();
    }
  },

  async 'a page whose script never comes says so after a while'(stage) {
    const context = await stage.phone();
    await context.route('**/viewer/app.js', (route) => route.abort());
    const page = await context.newPage();
    await page.goto(stage.unitUrl(stage.units[0]));
    assert.equal(await page.locator('.late').evaluate((e) => getComputedStyle(e).visibility), 'hidden');
    await stage.shot(page, 'checking');
    await page.evaluate(() => document.getAnimations().forEach((a) => a.finish()));
    assert.equal(await page.locator('.late').evaluate((e) => getComputedStyle(e).visibility), 'visible');
    await context.close();
  },
};
