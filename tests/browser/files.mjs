// Attachments: a public file is shown or saved only when its bytes are those that the verified entry names, and
// whatever goes wrong is told beside it and is no verdict on the money.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NARROW, PHONE, code, rules, unfold, verdict } from './stage.mjs';
import { phone } from './sealed.mjs';

const BLOBS = '**/api/v1/blobs/*';

const blob = (stage, name) => readFileSync(join(stage.sealed, name));
const link = (seq, title) => `#e${seq} .files a:has-text("${title}")`;
const PHOTO = '竞价现场照片';

/** From now on this is what the server has. */
async function serve(context, answer) {
  const asked = [];
  await context.unroute(BLOBS);
  await context.route(BLOBS, (route) => {
    asked.push(route.request());
    return Buffer.isBuffer(answer) ? route.fulfill({ status: 200, body: answer }) : answer(route);
  });
  return asked;
}

/** Taps a file and waits for what is said beside it. */
async function tap(page, seq, title) {
  await page.evaluate(() => document.querySelectorAll('.fetched').forEach((e) => e.remove()));
  await page.tap(link(seq, title));
  await page.waitForFunction(() => /^[^◌]/.test(document.querySelector('.fetched')?.textContent.trim() ?? ''));
  return page.textContent('.fetched');
}

export default {
  async 'a picture is held against the book and shown in its place; another file is saved under its title'(stage) {
    for (const viewport of [PHONE, NARROW]) {
      const context = await phone(stage, { viewport });
      const page = await stage.visit(context, stage.sealedUnit);
      const asked = await serve(context, blob(stage, 'photo'));
      assert.match(await tap(page, 2, PHOTO), /✓ 和账本里的指纹一致.*不说明里面写的对不对/);
      await page.waitForFunction(() => document.querySelector('.fetched img')?.naturalWidth > 0);
      assert.equal(await page.getAttribute('.fetched img', 'alt'), PHOTO);
      assert.equal(asked.length, 1);
      assert.equal(await code(page), 'OK_UNWITNESSED');
      await rules(page, `picture at ${viewport.width}`);
      await stage.shot(page, `files-picture-${viewport.width}`);

      await serve(context, blob(stage, 'notes'));
      assert.match(await tap(page, 2, '竞价记录'), /✓ 和账本里的指纹一致/);
      const coming = page.waitForEvent('download');
      await page.tap('.fetched a[download]');
      const download = await coming;
      assert.equal(download.suggestedFilename(), '竞价记录.csv');
      assert.deepEqual(readFileSync(await download.path()), blob(stage, 'notes'));
      assert.ok(await page.locator('#strip').count(), 'the page stays');
      assert.ok(!await page.locator('.fetched img').count());
      await rules(page, `file at ${viewport.width}`);
      await stage.shot(page, `files-saved-${viewport.width}`);
      assert.equal(await page.getAttribute(link(2, '合同全文'), 'href'), null);
      await context.close();
    }
  },

  async 'a file that is not the one of the book is not shown, and the money stays calm'(stage) {
    const context = await phone(stage);
    const page = await stage.visit(context, stage.sealedUnit);
    const photo = blob(stage, 'photo');
    const altered = Buffer.from(photo);
    altered[4000] ^= 1;
    const status = (status) => (route) => route.fulfill({ status, body: '' });
    for (const [name, answer, told, times] of [
      ['altered', altered, /指纹不一样，没有显示/, 2],
      ['longer', Buffer.concat([photo, Buffer.from([0])]), /指纹不一样/, 2],
      ['another', blob(stage, 'notes'), /指纹不一样/, 2],
      ['missing', status(404), /指纹不一样/, 2],
      ['dropped', (route) => route.abort('connectionreset'), /^这次没有取到/, 1],
      ['failing', status(503), /^这次没有取到/, 1],
      ['withdrawn, they say', status(410), /没有看到撤下的记录/, 2],
    ]) {
      const asked = await serve(context, answer);
      assert.match(await tap(page, 2, PHOTO), told, name);
      assert.equal(asked.length, times, name);
      assert.ok(!await page.locator('.fetched img, .fetched a').count(), name);
      assert.equal(await code(page), 'OK_UNWITNESSED', name);
      assert.ok(!await page.locator('.red').count(), name);
      await rules(page, name);
      if (['altered', 'dropped', 'withdrawn, they say'].includes(name)) await stage.shot(page, `files-${name.split(',')[0]}`);
    }
    await serve(context, photo);
    assert.match(await tap(page, 2, PHOTO), /✓/);
    await context.close();

    const cut = await phone(stage);
    await cut.route('**/viewer/sealed_bg.wasm', (route) => route.abort('connectionreset'));
    const lonely = await stage.visit(cut, stage.sealedUnit);
    await serve(cut, photo);
    assert.match(await tap(lonely, 2, PHOTO), /^这次没有取到/);
    await cut.close();
  },

  async 'a file that was withdrawn leads to the redaction, on every page that names it'(stage) {
    // The page is older than the redaction: the phone asks for the book again.
    let gone = false;
    const context = await phone(stage, { redacted: () => gone });
    const page = await stage.visit(context, stage.sealedUnit);
    gone = true;
    await serve(context, (route) => route.fulfill({ status: 410, body: '' }));
    await page.tap(link(3, PHOTO));
    await page.waitForSelector('#e3 .files a[href="#e6"]');
    assert.equal(await page.getAttribute(link(3, PHOTO), 'href'), null);
    assert.equal(await page.getAttribute(link(2, PHOTO), 'href'), null);
    assert.ok(await page.getAttribute(link(2, '竞价记录'), 'href'));
    await page.waitForFunction(() => document.getElementById('strip').dataset.code === 'OK_UNWITNESSED');
    await rules(page, 'withdrawn file');
    await stage.shot(page, 'files-gone');
    await context.close();
  },

  async 'where nothing can be checked the plain way to a file stays'(stage) {
    const off = await phone(stage, { javaScriptEnabled: false });
    const plain = await off.newPage();
    await plain.goto(stage.unitUrl(stage.sealedUnit));
    assert.match(await plain.getAttribute(link(2, PHOTO), 'href'), /^\/api\/v1\/blobs\/[0-9a-f]{64}$/);
    await off.close();

    const context = await phone(stage);
    await context.addInitScript(() => { delete globalThis.WebAssembly; });
    const page = await stage.visit(context, stage.sealedUnit);
    await serve(context, (route) => route.fulfill({
      status: 200, body: blob(stage, 'photo'), headers: { 'content-disposition': 'attachment; filename=a.jpg' },
    }));
    const coming = page.waitForEvent('download');
    await page.tap(link(2, PHOTO));
    assert.equal((await coming).suggestedFilename(), 'a.jpg');
    assert.equal(await verdict(page), 'CANNOT_CHECK');
    await context.close();
  },
};
