// What every test stands on: a fresh browser context for each test, waiting for a verdict, screenshots, and the
// rules of ux.md that hold on every screen.
import { chromium } from 'playwright-core';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import assert from 'node:assert/strict';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];
/** Words that promise too much or that nobody in a village uses. */
const FORBIDDEN = ['哈希', '区块链', '验证', '签名', '默克尔', '校验', '一致性', '安全', '放心', '真实'];

export const PHONE = { width: 360, height: 640 };
export const NARROW = { width: 320, height: 568 };

export class Stage {
  static async open(options) {
    const stage = new Stage();
    Object.assign(stage, options);
    await mkdir(stage.shots, { recursive: true });
    stage.browser = await chromium.launch({ executablePath: stage.chromium, args: FLAGS });
    return stage;
  }

  close() {
    return this.browser.close();
  }

  /** A phone that remembers nothing. */
  async phone(viewport = PHONE, more = {}) {
    const context = await this.browser.newContext({
      viewport, locale: 'zh-CN', isMobile: true, hasTouch: true, deviceScaleFactor: 2, ...more,
    });
    context.setDefaultTimeout(20000);
    return context;
  }

  async shot(page, name) {
    await page.screenshot({ path: join(this.shots, `${name}.png`), fullPage: true });
  }

  unitUrl(unit) {
    return new URL(`/u/${unit}`, this.url).href;
  }

  /** Opens a unit's page and waits until the phone has come to a verdict. */
  async visit(context, unit) {
    const page = await context.newPage();
    await page.goto(this.unitUrl(unit));
    await verdict(page);
    return page;
  }
}

/** The verdict that stands on the page once the phone has finished. */
export async function verdict(page) {
  await page.waitForFunction(() => document.getElementById('strip')?.dataset.code !== 'CHECKING');
  return code(page);
}

export function code(page) {
  return page.evaluate(() => document.getElementById('strip').dataset.code);
}

/** The rules that hold on every screen: nothing sideways, type, targets, contrast, one h1, icon and word. */
export async function rules(page, where) {
  const found = await page.evaluate((forbidden) => {
    const faults = [];
    const root = document.documentElement;
    if (root.scrollWidth > innerWidth) faults.push(`scrolls sideways: ${root.scrollWidth} > ${innerWidth}`);
    if (root.lang !== 'zh-CN') faults.push(`lang is ${root.lang}`);
    const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility === 'visible';
    const heads = Array.from(document.querySelectorAll('h1')).filter(shown).length;
    if (heads !== 1) faults.push(`${heads} h1`);

    const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
    const behind = (e) => {
      for (; e; e = e.parentElement) {
        const colour = parts(getComputedStyle(e).backgroundColor);
        if (colour.length < 4 || colour[3] > 0) return colour;
      }
      return [255, 255, 255];
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walk.nextNode(); text; text = walk.nextNode()) {
      const e = text.parentElement;
      if (!text.data.trim() || !shown(e) || ['STYLE', 'SCRIPT', 'TEMPLATE', 'NOSCRIPT'].includes(e.tagName)) continue;
      const style = getComputedStyle(e);
      if (parseFloat(style.fontSize) < 18) faults.push(`${style.fontSize} type: ${text.data.trim()}`);
      const [a, b] = [luminance(parts(style.color)), luminance(behind(e))].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 7) faults.push(`contrast ${ratio.toFixed(1)}: ${text.data.trim()}`);
      const word = !e.closest('.expert') && forbidden.find((w) => text.data.includes(w));
      if (word) faults.push(`forbidden ${word}: ${text.data.trim()}`);
    }
    for (const e of document.querySelectorAll('a, button, summary')) {
      const box = e.getBoundingClientRect();
      if (shown(e) && (box.height < 48 || box.width < 48)) {
        faults.push(`target ${Math.round(box.width)}x${Math.round(box.height)}: ${e.textContent.trim()}`);
      }
    }
    const strip = document.getElementById('strip');
    if (strip && !strip.querySelector('.icon')?.textContent.trim()) faults.push('the strip has no icon');
    if (strip && strip.getAttribute('role') !== (strip.matches('.red') ? 'alert' : 'status')) faults.push('role');
    return [...new Set(faults)];
  }, FORBIDDEN);
  assert.deepEqual(found, [], where);
}

/** Opens everything that can be opened. */
export function unfold(page) {
  return page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
}

/** Reads the sections of a bundle: name, and where its bytes lie. */
export function sections(bundle) {
  const found = {};
  let at = bundle.indexOf(10) + 1;
  while (at < bundle.length) {
    const end = bundle.indexOf(10, at);
    const [name, length] = bundle.subarray(at, end).toString('latin1').split(' ');
    found[name] = found[name] ?? { start: end + 1, length: Number(length) };
    at = end + 1 + Number(length) + 1;
  }
  return found;
}

/** A copy with one bit of one byte changed. */
export function flipped(bytes, at, bit = 1) {
  const copy = Buffer.from(bytes);
  copy[at] ^= bit;
  return copy;
}
