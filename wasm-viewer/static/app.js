// The page's script: asks the worker, and puts into the page what WASM drew from verified bytes. It holds no words:
// what it can say without WASM came with the page as templates.
'use strict';

(() => {
  const main = document.getElementById('main');
  if (!main || !main.dataset.unit) return;

  const PATIENCE = 45000; // ms before the page says that nothing came
  const lang = document.documentElement.lang;
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

  /** Everything a page states as fact, in order; the page of one entry, everything about that. */
  function facts(root, seq) {
    if (seq) root = root.querySelector('#e' + seq) || document.createElement('p');
    return Array.from(root.querySelectorAll('[data-fact]'), (e) => e.dataset.fact + '\t' + e.textContent).join('\n');
  }

  /** What a document says of itself. */
  function page(root) {
    const of = root.getElementById('main');
    const { unit, from, count, seq } = of ? of.dataset : {};
    return { unit, from: Number(from), count: Number(count), seq: Number(seq || 0), facts: of ? facts(of, seq) : '' };
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
    for (const id of ['name', first.seq ? 'e' + first.seq : 'book']) {
      const part = drawn.querySelector('#' + id);
      if (part) document.getElementById(id).innerHTML = part.innerHTML;
    }
    elsewhere(main.querySelector('#book'));
  }

  /** On the page of one entry the others are elsewhere. */
  function elsewhere(root) {
    if (first.seq) for (const a of root.querySelectorAll('a[href^="#"]')) a.href = `/u/${first.unit}${a.hash}`;
  }

  /** One question to the worker; `told` hears how much of the answer has come, 0 to 1. */
  function ask(question, told = () => {}) {
    return new Promise((done) => {
      asked += 1;
      waiting.set(asked, { done, told });
      worker.postMessage({ id: asked, ...question });
    });
  }

  function start() {
    if (typeof WebAssembly !== 'object' || typeof Worker !== 'function') return false;
    worker = worker || new Worker('/viewer/worker.js');
    worker.onmessage = ({ data }) => {
      const one = waiting.get(data.id);
      if (data.part !== undefined) {
        if (one) one.told(data.part);
        return;
      }
      waiting.delete(data.id);
      if (one) one.done(data);
    };
    worker.onerror = () => {
      worker = undefined;
      waiting.forEach(({ done }) => done({ code: navigator.onLine ? 'CANNOT_CHECK' : 'OFFLINE' }));
      waiting.clear();
    };
    return true;
  }

  const first = page(document);

  async function check(fresh) {
    if (!start()) return say('CANNOT_CHECK');
    const late = setTimeout(() => say('OFFLINE'), PATIENCE);
    let shown = first;
    let answer = await ask({ ...shown, lang, fresh });
    const differs = () => answer.verified && (!answer.facts || facts(parse(answer.facts), first.seq) !== shown.facts);
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
    else if (answer.verified) names(fresh);
    return answer;
  }

  /** Fills the places of names, after the money has been shown. A network that fails says nothing about names. */
  async function names(fresh) {
    const slots = main.querySelectorAll('[data-name]');
    if (!slots.length) return;
    const answer = await ask({ names: first.unit, lang });
    // A name may have been withdrawn since the bundle was made: once more, around every cache.
    if (answer.code && !fresh) {
      checked = check(true);
      return;
    }
    const unfetched = document.getElementById('names-unfetched').innerHTML;
    for (const slot of slots) {
      const name = slot.dataset.name;
      slot.innerHTML = answer.slots ? answer.slots[name] || '' : name.includes(' ') ? unfetched : '';
    }
    if (answer.code) withheld(answer.code);
  }

  /** A name that was not given is told at the top too, when all else is calm there. */
  function withheld(code) {
    const strip = document.getElementById('strip');
    if (!strip.classList.contains('calm')) return;
    const checked = strip.querySelector('details');
    say(code);
    strip.querySelector('.calls').before(checked);
  }

  const put = (said, id) => {
    const template = document.getElementById(id);
    if (template) said.innerHTML = template.innerHTML;
  };

  /** A household's row. The code stays on this phone: the worker asks for the row's place only. */
  async function row() {
    const [code, said] = ['code', 'row-said'].map((id) => document.getElementById(id));
    put(said, 'row-checking');
    const page = await checked || {};
    const { html, failed } = page.verified ? await ask({ row: code.value, unit: first.unit, seq: first.seq, lang }) : { failed: page.code };
    if (html) said.innerHTML = html;
    else put(said, { OFFLINE: 'row-offline', CANNOT_SHOW: 'row-unproved' }[failed] || 'row-cannot');
  }

  const PICTURE = /^image\/(png|jpeg|webp)$/;
  const ENDINGS = {
    'application/pdf': '.pdf', 'text/csv': '.csv', 'text/plain': '.txt',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': '.xlsx',
  };

  /** Shows a picture, or offers another file to be saved: as bytes, so that none is ever opened as a page of ours. */
  function present(way, { file, media }) {
    if (PICTURE.test(media)) {
      const picture = new Image();
      picture.alt = way.download;
      picture.src = URL.createObjectURL(new Blob([file], { type: media }));
      way.replaceWith(picture);
      return;
    }
    const ending = ENDINGS[media] || '';
    if (!way.download.endsWith(ending)) way.download += ending;
    way.href = URL.createObjectURL(new Blob([file], { type: 'application/octet-stream' }));
  }

  /**
   * What lies beside an entry: `question` is about it, `place` where it is told, nowhere when a newer book has it no more;
   * `not` is the template for what does not hold, `cannot` what a phone does that can't check.
   */
  async function beside(question, place, not, cannot) {
    const asked = async () => {
      const said = place();
      if (!said) return {};
      put(said, 'fetching');
      const told = said.querySelector('[data-part]');
      const page = await checked || {};
      if (!page.verified) return { failed: page.code };
      return ask({ ...question, unit: first.unit, lang }, (part) => { if (told) told.textContent = `${Math.floor(100 * part)}%`; });
    };
    let answer = await asked();
    // It may have been withdrawn since the bundle was made: once more, around every cache.
    if (answer.stale) {
      checked = check(true);
      answer = await asked();
    }
    const { code, html, gone, failed } = answer;
    const said = place();
    if (!said) return;
    if (html) {
      said.innerHTML = html;
      elsewhere(said);
      if (answer.file) present(said.querySelector('[data-blob]'), answer);
      if (code === 'NAME_WITHHELD') withheld(code);
    } else if (code === 'CANNOT_SHOW') {
      put(said, gone ? 'file-gone' : not);
    } else if (code === 'OFFLINE' || failed === 'OFFLINE' || failed === 'CANNOT_SHOW') {
      put(said, 'unfetched');
    } else {
      cannot(said);
    }
  }

  /** A public file. Where it can't be checked, the way to it stays what it is without scripts. */
  function file(link) {
    const [path, seq] = [link.getAttribute('href'), Number(link.closest('.entries > li').id.slice(1))];
    const place = () => {
      const way = main.querySelector(`#e${seq} .files a[href="${path}"]`);
      const next = way && way.nextElementSibling;
      if (!way || (next && next.className === 'fetched')) return next;
      const said = document.createElement('div');
      said.className = 'fetched';
      said.setAttribute('role', 'status');
      way.after(said);
      return said;
    };
    const cannot = (said) => {
      said.remove();
      location.assign(path);
    };
    beside({ blob: path.split('/').pop(), seq }, place, 'file-unproved', cannot);
  }

  function list(button) {
    const place = () => document.getElementById('list-said');
    const cannot = (said) => put(said, 'row-cannot');
    beside({ blob: button.dataset.digest, list: true, seq: first.seq }, place, 'list-unproved', cannot);
  }

  document.addEventListener('click', (event) => {
    const link = event.target.closest('.files a[href^="/api/v1/blobs/"]');
    if (link && start()) {
      event.preventDefault();
      file(link);
    }
    const button = event.target.closest('[data-do]');
    if (!button) return;
    if (button.dataset.do === 'again') checked = check(true);
    if (button.dataset.do === 'row') row();
    if (button.dataset.do === 'list') list(button);
    if (button.dataset.do === 'forget' && start()) ask({ forget: true }).then(() => location.reload());
  });

  /** How the last check ended. */
  let checked = check(false);

  // A leaflet's link brings the code behind `#`, which no browser sends; it does not stay in the address either.
  function bring() {
    const [, brought] = /^#row=(\w+)/.exec(location.hash) || [];
    const code = document.getElementById('code');
    if (!brought) return;
    history.replaceState(null, '', location.pathname + location.search);
    if (!code) return;
    code.value = brought;
    row();
  }
  addEventListener('hashchange', bring);
  bring();
})();
