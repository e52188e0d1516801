// What the demo's tables plant is seen by a villager, with scripts and without.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NARROW, PHONE, code, rules, unfold, verdict } from './stage.mjs';

const RONGXI = '440811100391-00';
const RENWAN = '440811101391-00';
const PULING = '440811102391-00';
/** Its names are sealed: 2 has a picture, 4 a file for members, 5 a list of 12 households; 7 withdraws the name of 6. */
const SHIPI = '440811100392-00';

/** For each unit: entries by number, and words that stand in them. */
const SHOWN = {
  [RONGXI]: {
    9: ['原来写 4,860 元', '更正为 8,460 元', '录入数字颠倒'], // corrected
    13: ['更正第 9 号', '4,860 元', '8,460 元'], // the correction
    10: ['需要看一下', '23,800 元', '没有写'], // no resolution
    25: ['支部提议', '代表会决议', '收付款'], // the disposal's line
  },
  [RENWAN]: {
    4: ['每年 15,570 元', '公示 6 天', '公开竞价', '会议决议'],
    15: ['2,739.50 元', '户数 5'], // five rows of one list
    25: ['3号虾塘未经竞价', '同意，有保留'], // the supervision committee's opinion
  },
  [PULING]: {
    10: ['每年 18,000 元', '420 个月', '240 个月'],
    14: ['应到 28', '实到 17', '需要看一下', '到会 17 人', '19 人'], // no quorum
    16: ['135,160.35 元', '138,160.35 元'], // 3,000 apart
    17: ['零申报', '2026年2月没有收支'],
  },
};

/** How many entries of the page's own period, and of earlier ones folded away, should be looked at. */
const LOOKS = { [RONGXI]: [0, 1], [RENWAN]: [0, 8], [PULING]: [3, 3] };

/** What each village has left: 495,960.70 and 24,000 of rent; the others as their closes say. */
const LEFT = { [RONGXI]: '519,960.70 元', [RENWAN]: '1,281,571 元', [PULING]: '135,160.35 元' };

const plain = (text) => text.replace(/\s+/g, ' ');

async function shows(page, unit) {
  for (const [seq, words] of Object.entries(SHOWN[unit])) {
    const entry = plain(await page.textContent(`#e${seq}`));
    for (const word of words) assert.ok(entry.includes(word), `${unit} ${seq}: no “${word}” in: ${entry}`);
  }
}

/** Stages of a line that were done, and those that were skipped. */
async function stages(page, seq) {
  const line = await page.locator(`#e${seq} .stages li`).evaluateAll((all) => all.map((li) => [
    li.classList.contains('skipped'), li.querySelector('span:not(.icon)').textContent, li.querySelector('b')?.textContent ?? '',
  ]));
  const names = (skipped) => line.filter(([s]) => s === skipped).map(([, name]) => name);
  // A skipped stage says so in words, not by its colour alone.
  for (const [skipped, name, word] of line) assert.equal(word !== '', skipped, name);
  return { done: names(false), skipped: names(true) };
}

const facts = (page) => page.locator('[data-fact]').evaluateAll((all) => all.map((e) => [e.dataset.fact, e.textContent]));

export default {
  async 'each page shows what its table plants, at 360 and 320 px, and the verdict stays calm'(stage) {
    for (const viewport of [PHONE, NARROW]) {
      for (const unit of Object.keys(SHOWN)) {
        const context = await stage.phone(viewport);
        const page = await stage.visit(context, unit);
        assert.equal(await code(page), 'OK_UNWITNESSED');
        assert.ok(await page.locator('#strip.calm').count(), 'calm');
        assert.equal(await page.textContent('[data-fact="还剩下"]'), LEFT[unit]);
        const [own, earlier] = LOOKS[unit];
        assert.equal(await page.locator('p.look a').count(), own);
        const folded = await page.textContent('details.earlier > summary');
        assert.ok(folded.endsWith(`其中 ${earlier} 笔需要看一下`), folded);
        await unfold(page);
        assert.match(await page.textContent('#strip'), /每一笔都盖了该盖的章/);
        await shows(page, unit);
        await rules(page, `${unit} at ${viewport.width}`);
        await stage.shot(page, `demo-${unit}-${viewport.width}`);
        await context.close();
      }
    }
  },

  async 'the disposal\'s line shows the stages that were skipped'(stage) {
    const context = await stage.phone();
    const page = await stage.visit(context, RONGXI);
    assert.deepEqual(await stages(page, 25), {
      done: ['支部提议', '两委商议', '代表会决议', '交易', '签合同', '收付款'],
      skipped: ['党员会审议', '公示'],
    });
    await context.close();
  },

  async 'without scripts the server\'s page shows the same'(stage) {
    for (const unit of Object.keys(SHOWN)) {
      const [on, off] = [await stage.phone(), await stage.phone(PHONE, { javaScriptEnabled: false })];
      const [checked, drawn] = [await stage.visit(on, unit), await off.newPage()];
      await drawn.goto(stage.unitUrl(unit));
      await shows(drawn, unit);
      const [a, b] = [await facts(checked), await facts(drawn)];
      assert.ok(a.length > 3 * Object.keys(SHOWN[unit]).length);
      assert.deepEqual(a, b);
      await Promise.all([on.close(), off.close()]);
    }
  },

  async 'a picture of the demo is held against the book and drawn, under the server\'s own policy'(stage) {
    const context = await stage.phone();
    const page = await stage.visit(context, SHIPI);
    await page.tap('#e2 .files a:has-text("村前鱼塘")');
    await page.waitForFunction(() => document.querySelector('.fetched img')?.naturalWidth > 0);
    assert.match(await page.textContent('.fetched'), /和账本里的指纹一致/);
    assert.match(plain(await page.textContent('#e4 .files')), /只给成员看/);
    assert.equal(await page.locator('#e4 .files a[href]').count(), 0);
    assert.ok(await page.locator('#e6 a[href="#e7"]').count());
    await page.waitForFunction(() => document.querySelector('[data-name="2"]').textContent.includes('谢*荣'));
    await rules(page, 'picture of the demo');
    await stage.shot(page, 'demo-picture');
    await context.close();
  },

  async 'the list of the demo is read row by row, and a leaflet finds its own'(stage) {
    const context = await stage.phone(NARROW);
    const page = await context.newPage();
    await page.goto(`${stage.unitUrl(SHIPI)}/5`);
    assert.equal(await verdict(page), 'OK_UNWITNESSED');
    await page.tap('[data-do=list]');
    await page.waitForSelector('#list-said table');
    assert.match(await page.textContent('#list-said'), /12 户，一共 7,074 元，和账本里记的一样/);
    const row = page.locator('#list-said tbody tr').nth(5).locator('td');
    assert.deepEqual(await row.allTextContents(), ['6', '2', '李*明', '3.65', '657']);
    await rules(page, 'list of the demo');
    await stage.shot(page, 'demo-list');
    if (stage.folder) {
      const leaflets = readFileSync(join(stage.folder, 'leaflets.html'), 'utf8').split('class="code"').slice(1);
      const printed = leaflets[5].split('</p>')[0].match(/<span>\w+<\/span>/g).map((part) => part.replace(/<.*?>/g, ''));
      await page.fill('#code', printed.join(' '));
      await page.tap('[data-do=row]');
      await page.waitForFunction(() => /第 6 户/.test(document.getElementById('row-said').textContent));
      for (const word of ['李*明', '657 元', '3.65 亩']) assert.ok((await page.textContent('#row-said')).includes(word), word);
      await stage.shot(page, 'demo-leaflet');
    }
    await context.close();
  },

  async 'what is about money carries the town\'s seal and the supervision committee\'s'(stage) {
    for (const unit of Object.keys(SHOWN)) {
      const [village, town] = [unit.slice(0, 12), unit.slice(0, 9)];
      for (const seq of [1, 2, 3]) {
        const entry = await (await fetch(new URL(`/api/v1/entries/${unit}/${seq}`, stage.url))).text();
        for (const seal of [`/seal/${town}/township `, `/seal/${village}/supervision `]) {
          assert.ok(entry.includes(seal), `${unit} ${seq}: ${seal}`);
        }
      }
    }
  },
};
