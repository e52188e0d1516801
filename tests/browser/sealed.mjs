// Sealed names and a household's own row: what is shown, what is not and why, and that nothing of it is a verdict on
// the money. What the server would send is made by the test tool `sealed-book`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NARROW, PHONE, code, rules, unfold, verdict } from './stage.mjs';

const OPENINGS = '**/openings?*';
const ROWS = '**/api/v1/rows/**';
const NAMES = '**/api/v1/openings/**';
const BLOBS = '**/api/v1/blobs/*';

/**
 * A phone to which the book is served, after the redactions or before them (what `redacted` says when it is asked for);
 * `openings` is a file, or a way to fail.
 */
export async function phone(stage, { viewport = PHONE, openings = 'openings', redacted = () => false, ...more } = {}) {
  const context = await stage.phone(viewport, more);
  const file = (name) => readFileSync(join(stage.sealed, redacted() ? 'redacted' : '', name));
  const serve = (contentType, name) => (route) => route.fulfill({ status: 200, contentType, body: file(name) });
  await context.route('**/u/*', serve('text/html; charset=utf-8', 'page.html'));
  await context.route('**/u/*/4', serve('text/html; charset=utf-8', 'entry.html'));
  await context.route('**/bundle?from=1*', serve('application/octet-stream', 'bundle-1'));
  await context.route('**/bundle?from=4*', serve('application/octet-stream', 'bundle-4'));
  await context.route(OPENINGS, typeof openings === 'string' ? serve('text/plain', openings) : openings);
  return context;
}

const slot = (page, name) => page.locator(`[data-name="${name}"]`);

/** Opens the book and waits for its names. */
async function visit(stage, options) {
  const context = await phone(stage, options);
  const page = await stage.visit(context, stage.sealedUnit);
  await page.waitForFunction(() => !document.querySelector('[data-name]')
    || Array.from(document.querySelectorAll('[data-name]')).every((e) => !e.textContent.includes('正在取')));
  return { context, page };
}

/** Opens the page of the payment list with what stands behind `#`. */
async function list(stage, hash = '', options = {}) {
  const context = await phone(stage, options);
  const asked = [];
  await context.route(ROWS, (route) => {
    const place = route.request().url().split('/').pop();
    route.fulfill({ status: 200, contentType: 'text/plain', body: readFileSync(join(stage.sealed, `proof-${place}`)) });
  });
  context.on('request', (request) => asked.push(request.url() + (request.postData() ?? '')));
  const page = await context.newPage();
  await page.goto(`${stage.unitUrl(stage.sealedUnit)}/4${hash}`);
  return { context, page, asked };
}

const codeOf = (stage, place) => readFileSync(join(stage.sealed, `code-${place}`), 'utf8');

/** From now on rows and names of the list are these files, or these ways to fail; what was asked for. */
async function whole(context, stage, { rows = 'rows', names = 'names' } = {}) {
  const asked = [];
  for (const [pattern, answer] of [[BLOBS, rows], [NAMES, names]]) {
    await context.unroute(pattern);
    const body = typeof answer === 'string' ? readFileSync(join(stage.sealed, answer)) : undefined;
    await context.route(pattern, (route) => {
      asked.push(route.request().url());
      return body ? route.fulfill({ status: 200, body }) : answer(route);
    });
  }
  return asked;
}

/** Taps for the whole list and waits for what is said. */
async function see(page) {
  await page.evaluate(() => { document.getElementById('list-said').innerHTML = ''; });
  await page.tap('[data-do=list]');
  await page.waitForFunction(() => !/^(|◌.*)$/.test(document.getElementById('list-said').textContent.trim()));
  return page.textContent('#list-said');
}

const cells = (page, place) => page.locator('#list-said tbody tr').nth(place).locator('td').allTextContents();

async function said(page) {
  await page.waitForFunction(() => !/^(|◌.*)$/.test(document.getElementById('row-said').textContent.trim()));
  return page.textContent('#row-said');
}

export default {
  async 'names stand in their places, and what is not for everyone says so'(stage) {
    for (const viewport of [PHONE, NARROW]) {
      const { context, page } = await visit(stage, { viewport });
      assert.equal(await code(page), 'OK_UNWITNESSED');
      assert.equal(await slot(page, '2').textContent(), '对方 李*明');
      assert.equal(await slot(page, '2 counterparty.name').textContent(), '李*明');
      assert.equal(await slot(page, '3 counterparty.name').textContent(), '名字不给大家看');
      assert.equal(await slot(page, '5 counterparty.name').textContent(), '不在公示期，名字不给大家看');
      await unfold(page);
      await rules(page, `names at ${viewport.width}`);
      assert.match(await page.textContent('#e2'), /竞价现场照片 照片 9 KB/);
      assert.match(await page.textContent('#e2'), /合同全文 PDF 2.3 MB只给成员看/);
      assert.equal(await page.locator('#e2 .files a[href]').count(), 2);
      await stage.shot(page, `sealed-names-${viewport.width}`);
      await context.close();
    }
  },

  async 'a name that is withheld is told, beside it and at the top'(stage) {
    const { context, page } = await visit(stage, { openings: 'openings-withheld' });
    await page.waitForFunction(() => document.getElementById('strip').dataset.code === 'NAME_WITHHELD');
    assert.ok(await page.locator('#strip.amber .calls').count());
    assert.match(await page.textContent('#strip'), /金额都在.*查了什么/s);
    assert.match(await slot(page, '2').textContent(), /名字没有给出来/);
    assert.equal(await slot(page, '3 counterparty.name').textContent(), '名字不给大家看');
    assert.match(await page.textContent('#e2 .amount'), /71,645 元/);
    await rules(page, 'withheld');
    await stage.shot(page, 'sealed-withheld');
    await unfold(page);
    await rules(page, 'withheld, unfolded');
    await context.close();
  },

  async 'a name that was withdrawn leads to the redaction, calmly'(stage) {
    const { context, page } = await visit(stage, { redacted: () => true });
    assert.equal(await code(page), 'OK_UNWITNESSED');
    assert.ok(await page.locator('#strip.calm').count());
    assert.ok(await page.locator('#e2 .told a[href="#e6"]').count());
    assert.ok(!(await page.textContent('body')).includes('李*明'));
    await unfold(page);
    await rules(page, 'withdrawn');
    await stage.shot(page, 'sealed-withdrawn');
    await context.close();
  },

  async 'an altered name is never shown, and the money stays calm'(stage) {
    const { context, page } = await visit(stage, { openings: 'openings-altered' });
    assert.equal(await code(page), 'OK_UNWITNESSED');
    assert.match(await slot(page, '2').textContent(), /对不上，没有显示/);
    assert.ok(!/[王李]\*明/.test(await page.textContent('body')));
    await rules(page, 'altered');
    await stage.shot(page, 'sealed-altered');
    await context.close();
  },

  async 'a network that fails, or a hotspot, says nothing about names'(stage) {
    const ways = {
      dropped: (route) => route.abort('connectionreset'),
      failing: (route) => route.fulfill({ status: 503, body: '' }),
      missing: (route) => route.fulfill({ status: 404, body: '' }),
      hotspot: (route) => route.fulfill({ status: 200, contentType: 'text/html', body: '<!doctype html><p>登录后上网' }),
      cut: (route) => route.fulfill({ status: 200, body: readFileSync(join(stage.sealed, 'openings')).subarray(0, 90) }),
    };
    for (const [name, openings] of Object.entries(ways)) {
      const { context, page } = await visit(stage, { openings });
      assert.equal(await code(page), 'OK_UNWITNESSED', name);
      assert.match(await slot(page, '2 counterparty.name').textContent(), /没有取到/, name);
      assert.equal(await slot(page, '2').textContent(), '', name);
      await rules(page, name);
      if (name === 'dropped') {
        await unfold(page);
        await stage.shot(page, 'sealed-unfetched');
      }
      await context.close();
    }
    for (const pattern of ['**/viewer/sealed.js', '**/viewer/sealed_bg.wasm']) {
      const context = await phone(stage);
      await context.route(pattern, (route) => route.abort('connectionreset'));
      const page = await stage.visit(context, stage.sealedUnit);
      await page.waitForFunction(() => document.querySelector('[data-name="2 counterparty.name"]').textContent.includes('没有取到'));
      assert.equal(await code(page), 'OK_UNWITNESSED', pattern);
      await context.close();
    }
  },

  async 'the money is shown before the names have come'(stage) {
    let let_go;
    const held = new Promise((done) => { let_go = done; });
    const openings = async (route) => {
      await held;
      await route.fulfill({ status: 200, body: readFileSync(join(stage.sealed, 'openings')) });
    };
    const context = await phone(stage, { openings });
    const page = await stage.visit(context, stage.sealedUnit);
    assert.equal(await code(page), 'OK_UNWITNESSED');
    assert.match(await slot(page, '2 counterparty.name').textContent(), /正在取名字/);
    let_go();
    await page.waitForFunction(() => document.querySelector('[data-name="2"]').textContent === '对方 李*明');
    await context.close();
  },

  async 'a household finds its row by its leaflet, and the code is neither sent nor kept in the address'(stage) {
    for (const viewport of [PHONE, NARROW]) {
      const row = codeOf(stage, 5);
      const { context, page, asked } = await list(stage, `#row=${row}`, { viewport });
      assert.match(await said(page), /这一行就在清单里/);
      const shown = (await page.textContent('#row-said')).replace(/\s+/g, ' ');
      for (const word of ['第 6 户', '陈*红', '666 元', '3.70 亩', '第 2 组', '不说明钱已经到您手里']) assert.ok(shown.includes(word), `${word}: ${shown}`);
      assert.equal(new URL(page.url()).hash, '');
      assert.ok(asked.some((url) => url.endsWith('/4/5')));
      assert.ok(asked.every((url) => !url.includes(row.slice(8, 24))), 'the code was sent');
      assert.equal(await code(page), 'OK_UNWITNESSED');
      assert.equal(await page.locator('.entries > li').count(), 1);
      assert.ok(await page.locator(`#book a[href="/u/${stage.sealedUnit}"]`).count());
      // Another leaflet of the same list, in the same tab.
      await page.goto(`${stage.unitUrl(stage.sealedUnit)}/4#row=${codeOf(stage, 0)}`);
      await page.waitForFunction(() => document.getElementById('row-said').textContent.includes('李*明'));
      assert.equal(new URL(page.url()).hash, '');
      await rules(page, `row at ${viewport.width}`);
      await stage.shot(page, `sealed-row-${viewport.width}`);
      await context.close();
    }
  },

  async 'a code of another household or list, a typing error and a missing proof are told apart'(stage) {
    const { context, page } = await list(stage);
    await verdict(page);
    const row = codeOf(stage, 5);
    const wrong = row.slice(0, 20) + (row[20] === 'A' ? 'B' : 'A') + row.slice(21);
    const check = async (text) => {
      await page.fill('#code', text);
      await page.tap('[data-do=row]');
      return said(page);
    };
    assert.match(await check(wrong), /码输错了/);
    await rules(page, 'typing error');
    await stage.shot(page, 'sealed-row-typing');
    assert.match(await check(row.toLowerCase().replace(/(.{4})/g, '$1 ')), /这一行就在清单里/);
    const serve = (body) => (route) => route.fulfill({ status: 200, body });
    const proof = (place) => readFileSync(join(stage.sealed, `proof-${place}`));
    for (const [answer, told] of [
      [serve(proof(6)), /别户的/],
      [serve(String(proof(5)).replace(' 66600 ', ' 96600 ')), /没能证明/],
      [serve('<!doctype html>'), /没能证明/],
      [(route) => route.fulfill({ status: 404, body: '' }), /没能证明/],
      [(route) => route.abort('connectionreset'), /连不上/],
    ]) {
      await context.route(ROWS, answer);
      const text = await check(row);
      assert.match(text, told);
      assert.ok(!text.includes('陈*红'), text);
      await context.unroute(ROWS, answer);
    }
    await context.close();
  },

  async 'a whole list is drawn when rows and names are those of the book'(stage) {
    for (const viewport of [PHONE, NARROW]) {
      const { context, page } = await list(stage, '', { viewport });
      const asked = await whole(context, stage);
      assert.equal(await page.textContent('[data-do=list]'), '看整张清单（13 户，约 3 KB）');
      assert.deepEqual(asked, []);
      const said = await see(page);
      assert.match(said, /13 户，一共 8,681.40 元，和账本里记的一样/);
      assert.deepEqual(await cells(page, 5), ['6', '2', '陈*红', '3.70', '666']);
      assert.equal(await page.locator('#list-said tbody tr').count(), 13);
      assert.equal(await code(page), 'OK_UNWITNESSED');
      assert.equal(asked.length, 2);
      await rules(page, `list at ${viewport.width}`);
      await stage.shot(page, `sealed-list-${viewport.width}`);
      await context.close();
    }
  },

  async 'rows that are not those of the book are not shown, and a network that fails says nothing'(stage) {
    const { context, page } = await list(stage);
    for (const [rows, told] of [
      ['rows-altered', /和账本里记的对不上，没有显示/],
      [(route) => route.fulfill({ status: 404, body: '' }), /对不上/],
      [(route) => route.fulfill({ status: 200, body: '<!doctype html><p>登录后上网' }), /对不上/],
      [(route) => route.fulfill({ status: 410, body: '' }), /没有看到撤下的记录/],
      [(route) => route.abort('connectionreset'), /^这次没有取到/],
      [(route) => route.fulfill({ status: 503, body: '' }), /^这次没有取到/],
    ]) {
      await whole(context, stage, { rows });
      const said = await see(page);
      assert.match(said, told);
      assert.ok(!said.includes('李*明') && !await page.locator('#list-said table').count(), said);
      assert.equal(await code(page), 'OK_UNWITNESSED');
      await rules(page, String(told));
      if (rows === 'rows-altered') await stage.shot(page, 'sealed-list-altered');
    }
    await whole(context, stage, { names: (route) => route.abort('connectionreset') });
    assert.match(await see(page), /名字这次没有取到/);
    assert.deepEqual(await cells(page, 5), ['6', '2', '没有取到', '3.70', '666']);
    await context.close();
  },

  async 'a name of a list that is withheld, altered or withdrawn is told in its place'(stage) {
    const withheld = await list(stage);
    await whole(withheld.context, stage, { names: 'names-withheld' });
    await see(withheld.page);
    await withheld.page.waitForFunction(() => document.getElementById('strip').dataset.code === 'NAME_WITHHELD');
    assert.equal((await cells(withheld.page, 12))[2], '！ 没有给出来');
    assert.deepEqual((await cells(withheld.page, 12)).slice(3), ['3.77', '678.60']);
    await rules(withheld.page, 'list, withheld');
    await stage.shot(withheld.page, 'sealed-list-withheld');
    await withheld.context.close();

    const altered = await list(stage);
    await whole(altered.context, stage, { names: 'names-altered' });
    assert.match(await see(altered.page), /对不上，没有显示/);
    assert.equal((await cells(altered.page, 12))[2], '！ 对不上');
    assert.ok(!(await altered.page.textContent('body')).includes('王*明'));
    assert.equal(await code(altered.page), 'OK_UNWITNESSED');
    await altered.context.close();

    // The page is older than the redaction: the phone asks for the book again.
    let gone = false;
    const { context, page } = await list(stage, '', { redacted: () => gone });
    await verdict(page);
    gone = true;
    await whole(context, stage, { names: 'redacted/names' });
    await see(page);
    await page.waitForFunction(() => document.querySelectorAll('#list-said td').length > 20);
    assert.equal((await cells(page, 11))[2], '已撤下');
    assert.equal((await cells(page, 10))[2], '李*明');
    assert.ok(await page.locator(`#list-said a[href="/u/${stage.sealedUnit}#e7"]`).count());
    assert.equal(await code(page), 'OK_UNWITNESSED');
    await rules(page, 'list, withdrawn');
    await stage.shot(page, 'sealed-list-withdrawn');
    await context.close();
  },

  async 'without WASM, scripts or network the page says so, and nothing of the row'(stage) {
    const off = await phone(stage);
    await off.addInitScript(() => { delete globalThis.WebAssembly; });
    const page = await off.newPage();
    await page.goto(`${stage.unitUrl(stage.sealedUnit)}/4#row=${codeOf(stage, 5)}`);
    assert.match(await said(page), /这个手机查不了/);
    assert.equal(new URL(page.url()).hash, '');
    await off.close();
    const cut = await phone(stage);
    await cut.route('**/bundle?*', (route) => route.abort('connectionreset'));
    const lonely = await cut.newPage();
    await lonely.goto(`${stage.unitUrl(stage.sealedUnit)}/4#row=${codeOf(stage, 5)}`);
    assert.match(await said(lonely), /连不上/);
    await rules(lonely, 'a row without network');
    await cut.close();
    const context = await stage.phone(PHONE, { javaScriptEnabled: false });
    await context.route('**/u/*/4', (route) => route.fulfill({
      status: 200, contentType: 'text/html; charset=utf-8', body: readFileSync(join(stage.sealed, 'entry.html')),
    }));
    const plain = await context.newPage();
    await plain.goto(`${stage.unitUrl(stage.sealedUnit)}/4`);
    assert.match(await plain.textContent('#row-said'), /这个手机查不了/);
    await context.close();
  },
};
