// The viewer in headless Chromium against a running demo.
//
//   node run.mjs --url http://127.0.0.1:PORT/ --verifier FILE [--ledger-data DIR] [--data-folder DIR] [--forked-books FILE]
//                [--chromium FILE] [--shots DIR] [--only WORD]
//
// --ledger-data is not read: everything is seen from outside; of the demo's folder, the leaflets that a clerk prints. --forked-books is a test tool of the `tests` crate,
// found beside the verifier when not given; `sealed-book` lies beside it. Ends with a line `N passed, N failed`; exit 1 when one failed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Stage } from './stage.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const text = { type: 'string' };
const { values } = parseArgs({
  options: {
    url: text, verifier: text, 'ledger-data': text, 'data-folder': text, 'forked-books': text, chromium: text, shots: text, only: text,
  },
});
if (!values.url || !values.verifier) {
  console.error('usage: node run.mjs --url URL --verifier FILE (see the head of this file)');
  process.exit(64);
}
const candidates = [values.chromium, process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const chromium = candidates.find((path) => path && existsSync(path));
if (!chromium) {
  console.error('没有找到 Chromium，请安装或用 --chromium 指明 / no Chromium found: install it, or name it with --chromium');
  process.exit(64);
}

const forked = mkdtempSync(join(tmpdir(), 'forked-books-'));
const tool = values['forked-books'] ?? join(dirname(values.verifier), 'forked-books');
execFileSync(tool, [forked], { stdio: 'inherit' });
const sealed = mkdtempSync(join(tmpdir(), 'sealed-book-'));
execFileSync(join(dirname(tool), 'sealed-book'), [sealed], { stdio: 'inherit' });

const list = await (await fetch(new URL('/api/v1/units', values.url))).json();
const stage = await Stage.open({
  url: values.url,
  verifier: values.verifier,
  chromium,
  forked,
  forkedUnit: readFileSync(join(forked, 'unit'), 'utf8'),
  folder: values['data-folder'],
  sealed,
  sealedUnit: readFileSync(join(sealed, 'unit'), 'utf8'),
  units: list.units.filter((unit) => unit.count > 0).map((unit) => unit.unit),
  shots: values.shots ?? join(here, '../../build/screenshots'),
});

/** From now on a context's page and bundles are those of a case of `forked-books`. */
stage.serve = async (context, name, { bundle = name } = {}) => {
  const file = (folder, of) => readFileSync(join(forked, folder, of));
  await context.unroute('**/u/*');
  await context.unroute('**/bundle?*');
  const fulfil = (contentType, body) => (route) => route.fulfill({ status: 200, contentType, body });
  await context.route('**/u/*', fulfil('text/html; charset=utf-8', file(name, 'page.html')));
  await context.route('**/bundle?*', fulfil('application/octet-stream', file(bundle, 'bundle')));
};

let [passed, failed] = [0, 0];
try {
  for (const part of ['holds', 'demo', 'tampered', 'failed', 'network', 'sealed', 'files', 'weight']) {
    const { default: tests } = await import(`./${part}.mjs`);
    for (const [name, test] of Object.entries(tests)) {
      if (values.only && !`${part} ${name}`.includes(values.only)) continue;
      const began = Date.now();
      try {
        await test(stage);
        passed += 1;
        console.log(`ok ${part}: ${name} (${Date.now() - began} ms)`);
      } catch (e) {
        failed += 1;
        console.log(`FAILED ${part}: ${name}\n${e.stack}`);
      }
    }
  }
} finally {
  await stage.close();
  for (const folder of [forked, sealed]) rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || !passed ? 1 : 0;
