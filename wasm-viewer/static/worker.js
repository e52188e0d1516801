// The phone's worker: fetches a bundle, lets WASM judge it, remembers what was signed. It makes no verdict of its
// own; it only tells apart a network that fails (neutral) from bytes that do not fit (WASM's CANNOT_SHOW).
'use strict';

/* global wasm_bindgen */
const WAIT = 30000; // ms for one request
const STORE = 'memory';

/** Bytes of a URL. Throws OFFLINE when the network or the server fails, CANNOT_SHOW when there is no such thing. */
async function get(url, fresh) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), WAIT);
  try {
    const answer = await fetch(url, { cache: fresh ? 'reload' : 'default', signal: stop.signal });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
    throw answer.status >= 500 || answer.status === 408 || answer.status === 429 ? 'OFFLINE' : 'CANNOT_SHOW';
  } catch (e) {
    throw typeof e === 'string' ? e : 'OFFLINE';
  } finally {
    clearTimeout(timer);
  }
}

let loading;
/** Starts WASM once, with the words of the page's language; a try that failed is made again. */
function ready(lang) {
  loading = loading || load(lang.slice(0, 2)).catch((e) => { loading = undefined; throw e; });
  return loading;
}

async function load(lang) {
  if (typeof wasm_bindgen === 'undefined') {
    try { importScripts('/viewer/viewer.js'); } catch (e) { throw e.name === 'NetworkError' ? 'OFFLINE' : 'CANNOT_CHECK'; }
  }
  const need = (name) => get('/viewer/' + name, false).catch((e) => { throw e === 'OFFLINE' ? e : 'CANNOT_CHECK'; });
  const [code, words] = await Promise.all(['viewer_bg.wasm', `words.${lang}.txt`].map(need));
  try { await wasm_bindgen({ module_or_path: code }); } catch (_) { throw 'CANNOT_CHECK'; }
  if (!wasm_bindgen.speak(new TextDecoder().decode(words))) throw 'CANNOT_CHECK';
}

/** One transaction on the phone's memory. A phone that refuses to remember is always on its first visit. */
function memory(mode, work) {
  return new Promise((done, failed) => {
    const opening = indexedDB.open('village-ledger', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = opening.onblocked = () => failed(opening.error);
    opening.onsuccess = () => {
      const db = opening.result;
      const transaction = db.transaction(STORE, mode);
      const result = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => { db.close(); done(result); };
      transaction.onerror = transaction.onabort = () => { db.close(); failed(transaction.error); };
    };
  });
}

async function recall(...keys) {
  try {
    const requests = await memory('readonly', (store) => keys.map((key) => store.get(key)));
    return requests.map((request) => request.result);
  } catch (_) {
    return keys.map(() => undefined);
  }
}

/** Takes an answer of WASM apart; see wasm-viewer/src/lib.rs. */
function read(text) {
  const [code, level, detail, html, evidence, facts, charter, head, size, contacts, count] = text.split('\0');
  return { code, level, detail, html, evidence, facts, charter, head, size: Number(size || 0), contacts, count: Number(count) };
}

/** Judges one bundle against one remembered head. */
async function ask(page, known, charter, from, fresh) {
  const count = known ? wasm_bindgen.remembered(known.head, page.unit) : -1;
  const start = count < 0 ? from : Math.min(from, count + 1);
  const url = `/api/v1/units/${page.unit}/bundle?from=${start}` + (known ? `&size=${known.size}` : '');
  const bytes = await get(url, fresh);
  const now = Math.floor(Date.now() / 1000);
  const { head, contacts } = known || {};
  const text = wasm_bindgen.check(bytes, page.unit, page.from, page.count, now, known && charter || '', head || '', contacts || '');
  return read(text);
}

async function check(page) {
  await ready(page.lang);
  const mine = 'unit ' + page.unit;
  const [charter, own, newest] = await recall('charter', mine, 'newest');
  const known = own || newest;
  const tried = (fresh) => ask(page, known, charter, page.from, fresh);
  let answer;
  try {
    answer = await tried(page.fresh);
  } catch (e) {
    if (e !== 'CANNOT_SHOW') throw e;
  }
  // What does not fit may be an old copy on the way: once more, around every cache.
  if (!answer || answer.code === 'CANNOT_SHOW') answer = await tried(true);
  // A newer head may be remembered from another unit's page; this one must have grown from it too.
  if (answer.size && newest && newest.size > known.size) {
    const second = await ask(page, newest, charter, answer.count + 1, true);
    if (!second.size) answer = second;
  }
  if (answer.size) {
    const head = { head: answer.head, size: answer.size, contacts: answer.contacts };
    await memory('readwrite', (store) => {
      store.put(answer.charter, 'charter');
      store.put(head, mine);
      if (!newest || newest.size <= answer.size) store.put(head, 'newest');
    }).catch(() => undefined);
  }
  const { code, level, detail, html, facts, evidence } = answer;
  return { code, level, detail, html, facts, evidence, verified: answer.size > 0 };
}

onmessage = async ({ data }) => {
  if (data.forget) {
    await memory('readwrite', (store) => store.clear()).catch(() => undefined);
    postMessage({ id: data.id, forgotten: true });
    return;
  }
  const answer = await check(data).catch((e) => ({ code: typeof e === 'string' ? e : 'CANNOT_CHECK' }));
  postMessage({ id: data.id, ...answer });
};
