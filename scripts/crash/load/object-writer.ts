import { createHash } from 'node:crypto';
import type { Client } from '../client.ts';
import type { Content, Entry } from '../ledger.ts';
import type { Desk } from './load.ts';
import { OBJECTS } from './places.ts';

const KEYS_PER_KIND = 6;
const MAX_BYTES = 60_000;
/** More than one block of the file store, so that a kill can fall between two writes. */
const LARGE_BYTES = 700_000;

/** One change of one key. */
type Act = (place: Place) => Promise<unknown>;

interface Place extends Desk {
  readonly path: string;
  readonly entry: Entry<Content>;
}

/** By the folder that each works in, because not every act is possible on what another one leaves. */
const ACTS: readonly (readonly [string, Act])[] = [
  ['put', put],
  ['put', put],
  ['appended', append],
  ['appended', append],
  ['copied', copy],
  ['deleted', remove],
  ['batch', removeSeveral],
  ['tagged', tag],
  ['link', link],
];

/** PutObject, AppendObject, CopyObject, DeleteObject, DeleteMultipleObjects, tags and symlinks. */
export async function objectWriter(desk: Desk): Promise<never> {
  for (;;) {
    const [folder, act] = desk.random.pick(ACTS);
    const path = pathOf(desk, folder, desk.random.below(KEYS_PER_KIND));
    await act({ ...desk, path, entry: desk.ledger.object(path) });
  }
}

function pathOf({ name }: Desk, folder: string, number: number): string {
  return `/${OBJECTS}/${folder}/${name}/${number}`;
}

function put(place: Place): Promise<unknown> {
  const { random } = place;
  return store(place, random.bytes(random.chance(0.1) ? LARGE_BYTES : random.below(MAX_BYTES)));
}

function store({ client, path, entry }: Pick<Place, 'client' | 'path' | 'entry'>, body: Buffer): Promise<unknown> {
  return entry.change({ kind: 'bytes', bytes: body }, () => client.oss('PUT', path, { body }));
}

function append({ client, random, path, entry }: Place): Promise<unknown> {
  const before = bytesOf(entry);
  const tail = random.bytes(random.below(MAX_BYTES));
  const query = { append: '', position: String(before.length) };
  const whole = Buffer.concat([before, tail]);
  return entry.change({ kind: 'bytes', bytes: whole }, () => client.oss('POST', path, { query, body: tail }));
}

async function copy(place: Place): Promise<unknown> {
  const source = pathOf(place, 'put', 0);
  const { settled } = place.ledger.object(source);
  if (settled?.kind !== 'bytes')
    return store({ ...place, path: source, entry: place.ledger.object(source) }, Buffer.from('source'));
  const headers = { 'x-oss-copy-source': source };
  return place.entry.change(settled, () => place.client.oss('PUT', place.path, { headers }));
}

async function remove(place: Place): Promise<unknown> {
  await store(place, Buffer.from('to be deleted'));
  return place.entry.change(undefined, () => place.client.oss('DELETE', place.path));
}

async function removeSeveral(place: Place): Promise<unknown> {
  const others = [0, 1, 2].map((number) => pathOf(place, 'batch', number));
  const entries = others.map((path) => place.ledger.object(path));
  for (const [at, path] of others.entries()) {
    const entry = entries[at];
    if (entry) await store({ client: place.client, path, entry }, place.random.bytes(100));
  }
  const keys = others.map((path) => `<Object><Key>${path.slice(OBJECTS.length + 2)}</Key></Object>`).join('');
  return changeAll(entries, () => deleteAll(place.client, `<Delete><Quiet>true</Quiet>${keys}</Delete>`));
}

/** Each of them is deleted or not when the request is cut. */
function changeAll(entries: readonly Entry<Content>[], act: () => Promise<unknown>): Promise<unknown> {
  const [first, ...others] = entries;
  if (!first) return act();
  return first.change(undefined, () => changeAll(others, act));
}

function deleteAll(client: Client, body: string): Promise<unknown> {
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
  return client.oss('POST', `/${OBJECTS}/`, { query: { delete: '' }, headers, body });
}

async function tag(place: Place): Promise<unknown> {
  const { entry, client, path, random } = place;
  if (entry.settled?.kind !== 'bytes') return store(place, Buffer.from('tagged'));
  const tags = { number: String(random.below(1000)) };
  const body = `<Tagging><TagSet><Tag><Key>number</Key><Value>${tags.number}</Value></Tag></TagSet></Tagging>`;
  return entry.change({ ...entry.settled, tags }, () => client.oss('PUT', path, { query: { tagging: '' }, body }));
}

function link({ client, random, path, entry, name }: Place): Promise<unknown> {
  const target = `put/${name}/${random.below(KEYS_PER_KIND)}`;
  const headers = { 'x-oss-symlink-target': target };
  return entry.change({ kind: 'symlink', target }, () => client.oss('PUT', path, { query: { symlink: '' }, headers }));
}

function bytesOf(entry: Entry<Content>): Buffer {
  return entry.settled?.kind === 'bytes' ? entry.settled.bytes : Buffer.alloc(0);
}
