// What holds is said to hold, calmly, and remembered.
import assert from 'node:assert/strict';
import { NARROW, PHONE, code, rules, unfold, verdict } from './stage.mjs';

const calls = (page) => {
  const seen = [];
  page.on('request', (r) => { if (r.url().includes('/bundle')) seen.push(r.url()); });
  return seen;
};

export default {
  async 'home lists the units and claims no check'(stage) {
    const context = await stage.phone();
    const page = await context.newPage();
    await page.goto(stage.url);
    await rules(page, 'home');
    for (const unit of stage.units) assert.ok(await page.locator(`a[href="/u/${unit}"]`).count(), unit);
    assert.equal(await page.locator('#strip').count(), 0);
    assert.match(await page.textContent('main'), /没有见证人/);
    await stage.shot(page, 'home');
    await context.close();
  },

  async 'every unit of the demo holds at 360 and 320 px, and says that there are no witnesses'(stage) {
    for (const viewport of [PHONE, NARROW]) {
      for (const unit of stage.units) {
        const context = await stage.phone(viewport);
        const page = await stage.visit(context, unit);
        assert.equal(await code(page), 'OK_UNWITNESSED');
        await rules(page, `${unit} at ${viewport.width}`);
        assert.match(await page.textContent('#strip'), /没有见证人/);
        for (const figure of ['收进来', '花出去', '还剩下']) {
          assert.match(await page.textContent(`[data-fact="${figure}"]`), /元$/, figure);
        }
        await stage.shot(page, `holds-${unit}-${viewport.width}`);
        await unfold(page);
        await rules(page, `${unit} unfolded at ${viewport.width}`);
        await stage.shot(page, `holds-${unit}-${viewport.width}-unfolded`);
        await context.close();
      }
    }
  },

  async 'nothing runs sideways at twice the size'(stage) {
    const context = await stage.phone({ width: 180, height: 320 }, { deviceScaleFactor: 4 });
    const page = await stage.visit(context, stage.units[0]);
    await rules(page, 'at 200%');
    await stage.shot(page, 'holds-200');
    await context.close();
  },

  async 'the second visit compares with the first'(stage) {
    const context = await stage.phone();
    const [unit] = stage.units;
    const first = await stage.visit(context, unit);
    assert.match(await first.textContent('#strip'), /第一次看/);
    const second = await context.newPage();
    const asked = calls(second);
    await second.goto(stage.unitUrl(unit));
    assert.equal(await verdict(second), 'OK_UNWITNESSED');
    assert.match(asked[0], /size=\d+/);
    assert.match(await second.textContent('#strip'), /从您上次看到现在/);
    await unfold(second);
    await stage.shot(second, 'second-visit');
    await context.close();
  },

  async 'what one unit taught is held against the next'(stage) {
    const context = await stage.phone();
    await stage.visit(context, stage.units[0]);
    const page = await context.newPage();
    const asked = calls(page);
    await page.goto(stage.unitUrl(stage.units[1]));
    assert.equal(await verdict(page), 'OK_UNWITNESSED');
    assert.match(asked[0], /size=\d+/);
    await context.close();
  },

  async 'a phone that refuses to remember is on its first visit'(stage) {
    const context = await stage.phone();
    await context.route('**/viewer/worker.js', async (route) => {
      const answer = await route.fetch();
      const refuse = 'Object.defineProperty(self, "indexedDB", { get() { throw new Error("refused"); } });\n';
      await route.fulfill({ response: answer, body: refuse + await answer.text() });
    });
    for (let visit = 0; visit < 2; visit += 1) {
      const page = await stage.visit(context, stage.units[0]);
      assert.equal(await code(page), 'OK_UNWITNESSED');
      assert.match(await page.textContent('#strip'), /第一次看/);
    }
    await context.close();
  },

  async 'a phone can forget'(stage) {
    const context = await stage.phone();
    await stage.visit(context, stage.units[0]);
    const page = await stage.visit(context, stage.units[0]);
    await unfold(page);
    await Promise.all([page.waitForEvent('load'), page.tap('[data-do=forget]')]);
    await verdict(page);
    assert.match(await page.textContent('#strip'), /第一次看/);
    await context.close();
  },

  async 'a ledger with witnesses holds without reserve, and more so on the second visit'(stage) {
    const context = await stage.phone();
    await stage.serve(context, 'ok');
    const first = await stage.visit(context, stage.forkedUnit);
    assert.equal(await code(first), 'OK_FIRST_VISIT');
    await rules(first, 'OK_FIRST_VISIT');
    assert.doesNotMatch(await first.textContent('#strip'), /没有见证人/);
    await stage.shot(first, 'ok-first-visit');
    const second = await stage.visit(context, stage.forkedUnit);
    assert.equal(await code(second), 'OK');
    await unfold(second);
    await rules(second, 'OK');
    await stage.shot(second, 'ok-unfolded');
    await context.close();
  },

  async 'a correction is shown old beside new, and no text is taken for HTML'(stage) {
    const context = await stage.phone();
    await stage.serve(context, 'a');
    await stage.visit(context, stage.forkedUnit);
    await stage.serve(context, 'grown');
    const page = await stage.visit(context, stage.forkedUnit);
    assert.equal(await code(page), 'OK_UNWITNESSED');
    assert.match(await page.textContent('#strip'), /从您上次看到现在/);
    const entry = await page.textContent('#e3');
    assert.match(entry, /4,860 元/);
    assert.match(entry, /8,460 元/);
    assert.match(entry, /<script>alert\(1\)<\/script>/);
    assert.equal(await page.locator('#book script').count(), 0);
    await stage.shot(page, 'corrected');
    await context.close();
  },
};
