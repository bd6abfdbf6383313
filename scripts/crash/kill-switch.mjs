/**
 * Loaded into the emulator with `node --import`, by the crash harness only: ends the process as SIGKILL does at a step of
 * an effect. `CRASH_AT` names the step and how often it is passed before, as `object-row.committed:3`. The product has no
 * code for this: what it calls (files, SQLite, answers) is replaced from outside.
 *
 * A step is the name of an effect and its moment: `before`, `half` (of the bytes), `within` (the transaction is open) or
 * `after`. `steps.ts` lists them.
 */
import fs from 'node:fs';
import http from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const [step = '', skipped = '0'] = (process.env.CRASH_AT ?? '').split(':');
let left = Number(skipped);

function reach(name) {
  if (name !== step || left-- > 0) return;
  fs.writeSync(2, `crash at ${name}\n`);
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

function around(name, act) {
  reach(`${name}.before`);
  const result = act();
  reach(`${name}.after`);
  return result;
}

/** What is in a file, by the name it gets. */
function kindOf(path) {
  if (path.endsWith('.ts')) return 'fragment';
  if (path.endsWith('.m3u8')) return 'playlist';
  return /[\\/](\.|%2E)uploads[\\/]/.test(path) ? 'part' : 'object';
}

function watchFiles() {
  const { openSync, writeSync, renameSync, unlinkSync } = fs;
  const incoming = new Set();
  fs.openSync = (path, ...rest) => {
    const isIncoming = rest[0] === 'wx';
    const descriptor = isIncoming ? around('bytes-file', () => openSync(path, ...rest)) : openSync(path, ...rest);
    if (isIncoming) incoming.add(descriptor);
    else incoming.delete(descriptor);
    return descriptor;
  };
  fs.writeSync = (descriptor, bytes, offset, length, ...rest) => {
    if (!incoming.has(descriptor)) return writeSync(descriptor, bytes, offset, length, ...rest);
    if (step === 'bytes.half' && left === 0) writeSync(descriptor, bytes, offset, length >> 1);
    reach('bytes.half');
    return around('bytes', () => writeSync(descriptor, bytes, offset, length, ...rest));
  };
  fs.renameSync = (from, to) => around(`${kindOf(to)}-rename`, () => renameSync(from, to));
  fs.unlinkSync = (path) => around(`${kindOf(path)}-unlink`, () => unlinkSync(path));
  syncBuiltinESMExports();
}

/** The effect of a statement that changes something, by its text and its values; undefined for others. */
function effectOf(text, values) {
  const [, verb, table] = /^\s*(insert into|replace into|update|delete from)\s+"?(\w+)"?/i.exec(text) ?? [];
  if (verb === undefined) return /^\s*(create|alter|drop)\s/i.test(text) ? 'migration' : undefined;
  if (table.startsWith('kysely')) return 'migration';
  const row = table.replace(/s$/, '');
  if (/^delete/i.test(verb)) return `${row}-delete`;
  const isPlaylist = table === 'objects' && values.some((value) => typeof value === 'string' && /\.m3u8$/.test(value));
  if (isPlaylist) return 'playlist-row';
  return /^update/i.test(verb) ? `${row}-update` : `${row}-row`;
}

/** Effects of the transaction that is open; undefined without one. */
let open;

function statement(text, values, run) {
  const [verb] = text.trim().toLowerCase().split(/[\s;]/);
  if (verb === 'begin') {
    const result = run();
    open = new Set();
    return result;
  }
  if (verb === 'commit' || verb === 'rollback') {
    const effects = verb === 'commit' ? (open ?? []) : [];
    for (const effect of effects) reach(`${effect}.within`);
    const result = run();
    open = undefined;
    for (const effect of effects) reach(`${effect}.after`);
    if ([...effects].some((effect) => effect === 'playlist-row')) setImmediate(() => reach('event.after'));
    return result;
  }
  const effect = effectOf(text, values);
  if (effect === undefined) return run();
  reach(`${effect}.before`);
  const result = run();
  if (open) open.add(effect);
  else reach(`${effect}.after`);
  return result;
}

function watchDatabase() {
  const Database = createRequire(process.argv[1])('better-sqlite3');
  const database = new Database(':memory:');
  const prepared = Object.getPrototypeOf(database.prepare('select 1'));
  database.close();
  for (const method of ['run', 'all', 'get']) {
    const original = prepared[method];
    prepared[method] = function (...values) {
      return statement(this.source, values.flat(), () => original.apply(this, values));
    };
  }
  const { exec } = Database.prototype;
  Database.prototype.exec = function (text) {
    if (/exclusive/i.test(text)) return around('lock', () => exec.call(this, text));
    return statement(text, [], () => exec.call(this, text));
  };
}

function watchAnswers() {
  const { end } = http.ServerResponse.prototype;
  http.ServerResponse.prototype.end = function (...rest) {
    const isWrite = this.req?.method !== 'GET' && this.req?.method !== 'HEAD' && this.statusCode < 300;
    return isWrite ? around('answer', () => end.apply(this, rest)) : end.apply(this, rest);
  };
}

if (step !== '') {
  watchFiles();
  watchDatabase();
  watchAnswers();
}
