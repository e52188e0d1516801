// What a phone has to fetch, and how long it computes.
import assert from 'node:assert/strict';
import { brotliCompressSync, constants } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const KB = 1000;
const packed = (bytes) => brotliCompressSync(bytes, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
}).length;

async function fetched(stage, path) {
  const answer = await fetch(new URL(path, stage.url));
  assert.equal(answer.status, 200, path);
  return Buffer.from(await answer.arrayBuffer());
}

export default {
  async 'page, scripts, WASM, words and bundle stay inside their budgets'(stage) {
    const unit = stage.units[0];
    const limits = [
      ['page', [`/u/${unit}`], 14 * KB],
      ['scripts', ['/viewer/app.js', '/viewer/worker.js', '/viewer/viewer.js'], 25 * KB],
      ['WASM', ['/viewer/viewer_bg.wasm'], 80 * KB],
      ['names, rows and files, where there are any', ['/viewer/sealed.js', '/viewer/sealed_bg.wasm'], 50 * KB],
      ['words', ['/viewer/words.zh.txt'], 12 * KB],
      ['English words', ['/viewer/words.en.txt'], 12 * KB],
      ['bundle', [`/api/v1/units/${unit}/bundle`], 35 * KB],
    ];
    const over = [];
    for (const [name, paths, limit] of limits) {
      let size = 0;
      for (const path of paths) size += packed(await fetched(stage, path));
      console.log(`    ${name}: ${(size / KB).toFixed(1)} kB compressed, at most ${limit / KB} kB`);
      if (size > limit) over.push(`${name}: ${size} > ${limit}`);
    }
    assert.deepEqual(over, []);
  },

  async 'a bundle of 1,000 entries is verified; its time is printed, not judged'(stage) {
    const bundle = (await readFile(join(stage.forked, 'thousand', 'bundle'))).toString('base64');
    const context = await stage.phone();
    const page = await stage.visit(context, stage.units[0]);
    await page.addScriptTag({ url: '/viewer/viewer.js' });
    const { code, times } = await page.evaluate(async ([unit, base64]) => {
      await wasm_bindgen({ module_or_path: '/viewer/viewer_bg.wasm' });
      wasm_bindgen.speak(await (await fetch('/viewer/words.zh.txt')).text());
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const times = [];
      let code;
      for (let i = 0; i < 5; i += 1) {
        const began = performance.now();
        code = wasm_bindgen.check(bytes, unit, 1, 0, 0, '', '', '').split('\0')[0];
        times.push(Math.round(performance.now() - began));
      }
      return { code, times };
    }, [stage.forkedUnit, bundle]);
    assert.equal(code, 'OK_UNWITNESSED');
    console.log(`    1,000 entries, checked and drawn: ${times.join(', ')} ms`);
    await context.close();
  },
};
