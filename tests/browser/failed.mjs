// Signed statements that contradict each other: red, with evidence that a third party accepts.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { code, rules, unfold } from './stage.mjs';

/** Exit code of the verifier on an evidence file. */
function convicts(stage, file) {
  const args = ['evidence', 'check', file, '--trust', join(stage.forked, 'trust.toml')];
  return new Promise((done) => {
    execFile(stage.verifier, args, (error, out, err) => done({ exit: error ? error.code : 0, said: out + err }));
  });
}

/** What must be on the screen, and nothing else. */
async function red(stage, page, verdict, phones) {
  assert.equal(await code(page), verdict);
  await rules(page, verdict);
  assert.equal(await page.locator('#strip').getAttribute('role'), 'alert');
  assert.equal(await page.locator('#book, header:visible').count(), 0);
  const dials = await page.locator('a[href^="tel:"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  assert.deepEqual(dials, phones.map((phone) => `tel:${phone}`));
  await stage.shot(page, verdict.toLowerCase());

  const [download] = await Promise.all([page.waitForEvent('download'), page.tap('#save')]);
  const file = join(stage.shots, `${verdict.toLowerCase()}.txt`);
  await download.saveAs(file);
  assert.equal(download.suggestedFilename(), 'village-ledger-evidence.txt');
  const { exit, said } = await convicts(stage, file);
  assert.equal(exit, 1, said);
  assert.match(said, new RegExp(verdict));
}

export default {
  async 'a remembered head that the newer one contradicts'(stage) {
    const context = await stage.phone();
    await stage.serve(context, 'a');
    const before = await stage.visit(context, stage.forkedUnit);
    assert.equal(await code(before), 'OK_UNWITNESSED');
    await stage.serve(context, 'b');
    const offices = ['07590000001', '07590000002', '12345', '12388'];
    const page = await stage.visit(context, stage.forkedUnit);
    await red(stage, page, 'FAILED_REWRITTEN', offices);
    await unfold(page);
    await rules(page, 'unfolded');
    // It stays red: what contradicts is never remembered.
    assert.equal(await code(await stage.visit(context, stage.forkedUnit)), 'FAILED_REWRITTEN');
    await stage.serve(context, 'grown');
    assert.equal(await code(await stage.visit(context, stage.forkedUnit)), 'OK_UNWITNESSED');
    await context.close();
  },

  async 'an entry whose seal nobody enrolled, on a first visit'(stage) {
    const context = await stage.phone();
    await stage.serve(context, 'a', { bundle: 'seal' });
    await red(stage, await stage.visit(context, stage.forkedUnit), 'FAILED_SEAL', ['12345', '12388']);
    await context.close();
  },

  async 'on a first visit the other book holds: nothing is there to contradict it'(stage) {
    const context = await stage.phone();
    await stage.serve(context, 'b');
    assert.equal(await code(await stage.visit(context, stage.forkedUnit)), 'OK_UNWITNESSED');
    await context.close();
  },
};
