// The page's script: asks the worker, and puts into the page what WASM drew from verified bytes. It holds no words:
// what it can say without WASM came with the page as templates.
'use strict';

(() => {
  const main = document.getElementById('main');
  if (!main || !main.dataset.unit) return;

  const PATIENCE = 45000; // ms before the page says that nothing came
  const waiting = new Map();
  let worker;
  let asked = 0;

  /** Takes the strip out of a fragment and puts it into the one that stands in the page, which is a live region. */
  function strip(from) {
    const [now, next] = [document.getElementById('strip'), from.querySelector('#strip')];
    now.className = next.className;
    now.dataset.code = next.dataset.code;
    now.innerHTML = next.innerHTML;
  }

  function say(code) {
    const template = document.getElementById('say-' + code);
    if (template) strip(template.content);
  }

  function parse(html) {
    const template = document.createElement('template');
    template.innerHTML = html;
    return template.content;
  }

  /** Everything a page states as fact, in order. */
  function facts(root) {
    return Array.from(root.querySelectorAll('[data-fact]'), (e) => e.dataset.fact + '\t' + e.textContent).join('\n');
  }

  /** What a document says of itself. */
  function page(root) {
    const of = root.getElementById('main');
    const { unit, from, count } = of ? of.dataset : {};
    return { unit, from: Number(from), count: Number(count), facts: of ? facts(of) : '' };
  }

  function show(answer) {
    if (answer.level === 'red') {
      main.innerHTML = answer.html;
      document.querySelector('header').hidden = true;
      const file = new Blob([answer.evidence], { type: 'text/plain' });
      document.getElementById('save').href = URL.createObjectURL(file);
      scrollTo(0, 0);
      return;
    }
    const drawn = parse(answer.html);
    strip(drawn);
    for (const id of ['name', 'book']) {
      const part = drawn.querySelector('#' + id);
      if (part) document.getElementById(id).innerHTML = part.innerHTML;
    }
  }

  /** One question to the worker. */
  function ask(question) {
    return new Promise((done) => {
      asked += 1;
      waiting.set(asked, done);
      worker.postMessage({ id: asked, ...question });
    });
  }

  function start() {
    if (typeof WebAssembly !== 'object' || typeof Worker !== 'function') return false;
    worker = worker || new Worker('/viewer/worker.js');
    worker.onmessage = ({ data }) => {
      const done = waiting.get(data.id);
      waiting.delete(data.id);
      if (done) done(data);
    };
    worker.onerror = () => {
      worker = undefined;
      waiting.forEach((done) => done({ code: navigator.onLine ? 'CANNOT_CHECK' : 'OFFLINE' }));
      waiting.clear();
    };
    return true;
  }

  const first = page(document);

  async function check(fresh) {
    if (!start()) return say('CANNOT_CHECK');
    const late = setTimeout(() => say('OFFLINE'), PATIENCE);
    const lang = document.documentElement.lang;
    let shown = first;
    let answer = await ask({ ...shown, lang, fresh });
    const differs = () => answer.verified && (!answer.facts || facts(parse(answer.facts)) !== shown.facts);
    if (differs()) {
      // The page may be an old copy on the way: once more, around every cache.
      try {
        const again = await fetch(location.href, { cache: 'reload' });
        shown = page(new DOMParser().parseFromString(await again.text(), 'text/html'));
        if (shown.unit === first.unit) answer = await ask({ ...shown, lang, fresh: true });
      } catch (_) {
        answer = { code: 'OFFLINE' };
      }
    }
    clearTimeout(late);
    if (answer.detail) console.info(answer.code, answer.detail);
    if (answer.html) show(answer);
    if (!answer.html) say(answer.code);
    else if (differs()) say('CANNOT_SHOW');
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-do]');
    if (!button) return;
    if (button.dataset.do === 'again') check(true);
    if (button.dataset.do === 'forget' && start()) ask({ forget: true }).then(() => location.reload());
  });

  check(false);
})();
