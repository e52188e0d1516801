// The phone's worker: fetches a bundle, lets WASM judge it, remembers what was signed. It makes no verdict of its
// own; it only tells apart a network that fails (neutral) from bytes that do not fit (WASM's CANNOT_SHOW).
'use strict';

/* global wasm_bindgen, sealed_names */
const WAIT = 30000; // ms for one request
const MOST = 20 << 20; // bytes of a file, as the ledger takes them
const STORE = 'memory';

/**
 * Asks for a URL and lets `take` read the answer; what stands still for WAIT is given up. Throws OFFLINE when the network
 * or the server fails, the status when there is no such thing.
 */
async function request(url, cache, take) {
  const stop = new AbortController();
  let timer;
  const moves = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), WAIT);
  };
  moves();
  try {
    const answer = await fetch(url, { cache, signal: stop.signal });
    if (answer.ok) return await take(answer, moves);
    throw answer.status >= 500 || answer.status === 408 || answer.status === 429 ? 'OFFLINE' : answer.status;
  } catch (e) {
    throw typeof e === 'number' ? e : 'OFFLINE';
  } finally {
    clearTimeout(timer);
  }
}

/** Bytes of a URL. Throws OFFLINE, or CANNOT_SHOW when there is no such thing. */
async function get(url, cache) {
  const take = async (answer) => new Uint8Array(await answer.arrayBuffer());
  return request(url, cache, take).catch((e) => { throw e === 'OFFLINE' ? e : 'CANNOT_SHOW'; });
}

/** Bytes of a blob; `tell` hears how much has come. Nothing for one that was withdrawn. Throws OFFLINE. */
async function blob(digest, cache, tell) {
  const take = async (answer, moves) => {
    // Some old browsers give all or nothing.
    if (!answer.body) return new Uint8Array(await answer.arrayBuffer());
    const [all, parts, reader] = [Number(answer.headers.get('content-length')), [], answer.body.getReader()];
    let size = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      size += part.value.length;
      moves();
      if (size > MOST) {
        reader.cancel();
        throw 413;
      }
      if (all) tell(size / all);
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  };
  try {
    return await request(`/api/v1/blobs/${digest}`, cache, take);
  } catch (e) {
    if (e === 'OFFLINE') throw e;
    // What is not there is not what was asked for.
    return e === 410 ? undefined : new Uint8Array();
  }
}

/** The two parts of WASM: what every page needs, and what is fetched for names, rows and files. */
const VIEWER = { name: 'viewer', global: () => (typeof wasm_bindgen === 'undefined' ? undefined : wasm_bindgen) };
const SEALED = { name: 'sealed', global: () => (typeof sealed_names === 'undefined' ? undefined : sealed_names) };

/** Starts a part once, with the words of the page's language; a try that failed is made again. */
function ready(part, lang) {
  part.loading = part.loading || load(part, lang.slice(0, 2)).catch((e) => { part.loading = undefined; throw e; });
  return part.loading;
}

async function load({ name, global }, lang) {
  if (!global()) {
    try { importScripts(`/viewer/${name}.js`); } catch (e) { throw e.name === 'NetworkError' ? 'OFFLINE' : 'CANNOT_CHECK'; }
  }
  const need = (file) => get('/viewer/' + file, 'default').catch((e) => { throw e === 'OFFLINE' ? e : 'CANNOT_CHECK'; });
  const [code, words] = await Promise.all([`${name}_bg.wasm`, `words.${lang}.txt`].map(need));
  const wasm = global();
  try { await wasm({ module_or_path: code }); } catch (_) { throw 'CANNOT_CHECK'; }
  if (!wasm.speak(new TextDecoder().decode(words))) throw 'CANNOT_CHECK';
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
  const bytes = await get(url, fresh ? 'reload' : 'default');
  const now = Math.floor(Date.now() / 1000);
  const { head, contacts } = known || {};
  const text = wasm_bindgen.check(bytes, page.unit, page.from, page.count, now, known && charter || '', head || '', contacts || '');
  return { ...read(text), bytes, from: start };
}

/** The bundle that was verified last: nothing beside it is held against another. */
let verified;

async function check(page) {
  verified = undefined;
  await ready(VIEWER, page.lang);
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
    verified = { unit: page.unit, bytes: answer.bytes, from: answer.from };
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

/** What stands in the page's slots for names. Names are never kept, here or on the way. */
async function names({ names: unit, lang }) {
  await ready(SEALED, lang);
  if (!verified || verified.unit !== unit) throw 'CANNOT_CHECK';
  const openings = await get(`/api/v1/units/${unit}/openings?from=${verified.from}`, 'no-store');
  const now = Math.floor(Date.now() / 1000);
  const [code, ...parts] = sealed_names.names(verified.bytes, new TextDecoder().decode(openings), now).split('\0');
  if (parts.length < 2) throw 'OFFLINE';
  const slots = {};
  for (let i = 0; i + 1 < parts.length; i += 2) slots[parts[i]] = parts[i + 1];
  return { code, slots };
}

/** What is said of a household's row: its place is asked for, its code is not sent. */
async function row({ row: code, unit, seq, lang }) {
  await ready(SEALED, lang);
  if (!verified || verified.unit !== unit) throw 'CANNOT_CHECK';
  const place = sealed_names.place(verified.bytes, seq, code);
  // No such row is an answer too, and proves nothing.
  const nothing = (e) => (e === 'OFFLINE' ? undefined : new Uint8Array());
  const proof = place < 0 ? undefined : await get(`/api/v1/rows/${unit}/${seq}/${place}`, 'no-store').catch(nothing);
  return { html: sealed_names.row(verified.bytes, seq, code, proof) };
}

/**
 * What is said of entry `seq`'s file by its digest, or of its list, and the bytes when they may be shown. Bytes that do not
 * fit may be an old copy on the way: once more, around every cache.
 */
async function beside({ id, blob: digest, list, unit, seq, lang }) {
  await ready(SEALED, lang);
  if (!verified || verified.unit !== unit) throw 'CANNOT_CHECK';
  const { bytes: book } = verified;
  const text = (bytes) => new TextDecoder().decode(bytes);
  const openings = list ? await get(`/api/v1/openings/${unit}/${seq}`, 'no-store').then(text, () => undefined) : undefined;
  const judged = async (cache) => {
    const bytes = await blob(digest, cache, (part) => postMessage({ id, part }));
    const now = Math.floor(Date.now() / 1000);
    const answer = sealed_names.beside(book, seq, list ? '' : digest, bytes, openings, now);
    if (!answer) throw 'CANNOT_CHECK';
    const [code, media, html] = answer.split('\0');
    // A newer book may hold the redaction.
    const [gone, stale] = [!bytes, code === 'NAME_WITHHELD' || (!bytes && code !== '')];
    return { code, html, gone, stale, media, file: media ? new Blob([bytes]) : undefined };
  };
  const first = await judged('default');
  return first.code === 'CANNOT_SHOW' && !first.gone ? judged('reload') : first;
}

onmessage = async ({ data }) => {
  if (data.forget) {
    await memory('readwrite', (store) => store.clear()).catch(() => undefined);
    postMessage({ id: data.id, forgotten: true });
    return;
  }
  const question = data.names ? names : data.row !== undefined ? row : data.blob !== undefined ? beside : undefined;
  if (question) {
    // No verdict: the page says that names or a file could not be fetched, or that the row was not checked.
    const answer = await question(data).catch((e) => ({ failed: e }));
    postMessage({ id: data.id, ...answer });
    return;
  }
  const answer = await check(data).catch((e) => ({ code: typeof e === 'string' ? e : 'CANNOT_CHECK' }));
  postMessage({ id: data.id, ...answer });
};
