/**
 * Every operation of OSS by every principal under all ACLs, over HTTP against fresh state: what is refused has its code and
 * changes nothing; what is allowed succeeds, and changes something if the operation does.
 */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessKey } from '../../src/aliyun/auth/signed-request.ts';
import { readPolicy } from '../../src/aliyun/policy/read-policy.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { ChannelService } from '../../src/oss/channel/channel-service.ts';
import { VodService } from '../../src/oss/channel/vod.ts';
import { type Operation, selectorsOf } from '../../src/oss/rest/operation.ts';
import { OPERATIONS } from '../../src/oss/rest/operations.ts';
import { createInProcessLeases } from '../../src/storage/leases/in-process-leases.ts';
import type { MetadataStore } from '../../src/storage/metadata/metadata-store.ts';
import { newBucket } from '../../src/storage/metadata/new-bucket.ts';
import { PendingWrites } from '../../src/storage/metadata/pending-writes.ts';
import { openSqliteStore } from '../../src/storage/metadata/sqlite.ts';
import { fragment } from '../contract/metadata-records.ts';
import { NOW_MS, type Reply, type RestServer, refusal, signedQuery, startRestServer } from '../oss/rest/rest-server.ts';
import { type Acls, MATRIX, type Principal, type Rule, refusalOf, rulesOf, Tally } from './matrix.ts';
import { type Asked, askedFor, CHANNEL, type Made, OBJECT, type Places } from './rest-requests.ts';

const PLAYLIST = '#EXTM3U\na.ts\n';
const APPENDED = Buffer.from('content');
const WRITING = /^(put|create|change|revise|complete|delete|open|end|forget|clear)/;
const EXPIRES_SEC = NOW_MS / 1000 + 600;
const SESSION_POLICY = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: ['oss:GetObject', 'oss:PutObject'], Resource: '*' }],
});
const OWNER: AccessKey = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
const KEYS: readonly AccessKey[] = [
  { accessKeyId: 'second-ak', accessKeySecret: 'second-secret' },
  { accessKeyId: 'gone-ak', accessKeySecret: 'gone-secret', disabled: true },
  { accessKeyId: 'STS.valid', accessKeySecret: 'valid-secret', securityToken: 'valid-token', expiresMs: NOW_MS + 1 },
  { accessKeyId: 'STS.old', accessKeySecret: 'old-secret', securityToken: 'old-token', expiresMs: NOW_MS - 1 },
  {
    accessKeyId: 'session',
    accessKeySecret: 'session-secret',
    securityToken: 'session-token',
    session: { roleName: 'role', sessionName: 'session', policy: readPolicy(SESSION_POLICY, 'ram') },
  },
];
const SECRETS: Readonly<Record<string, string>> = {
  'emulator-ak': 'emulator-secret',
  'guest-ak': 'guest-secret',
  'reader-ak': 'reader-secret',
  ...Object.fromEntries(KEYS.map(({ accessKeyId, accessKeySecret }) => [accessKeyId, accessKeySecret])),
};

const REST_RULES = rulesOf(MATRIX.rest);
const VARIANT_RULES = rulesOf(MATRIX.variants);
const tally = new Tally();
let server: RestServer;
const stops: (() => Promise<void>)[] = [];
/** Calls of the store that write. */
let writes = 0;
let buckets = 0;
/** For cells that should change nothing, by what there is in them. */
const unchanged = new Map<string, Places>();

beforeAll(async () => {
  const metadata = countWrites(await openSqliteStore({ path: ':memory:' }));
  const clock = new ManualClock(NOW_MS);
  const channels = new ChannelService({
    metadata,
    publishing: { channel: () => undefined },
    leases: createInProcessLeases(),
    closeBroken: async () => async () => {},
    clock,
    writes: new PendingWrites(clock, silentLog),
  });
  const playlists = {
    put: async (bucket: string, key: string, text: string) => server.objects.put(bucket, key, Buffer.from(text)),
  };
  const vod = new VodService(metadata, playlists);
  server = await startRestServer({ metadata, clock, channels, vod, keys: KEYS, atEnd: (stop) => stops.push(stop) });
});

afterAll(async () => {
  for (const stop of stops) await stop();
  process.stdout.write(`authorization matrix, OSS: ${tally.cells} cells\n`);
});

describe('the table of operations', () => {
  it('has a row for each in the matrix, and no other rows', () => {
    expect([...REST_RULES.keys()].sort()).toEqual(OPERATIONS.map(({ name }) => name).sort());
  });
});

describe.each(MATRIX.principals)('$name', (principal) => {
  it.each(OPERATIONS)('$name', async (operation) => {
    await checkCells(principal, operation.name, operation);
  });

  it.each([...VARIANT_RULES.keys()])('%s', async (name) => {
    const [plain = ''] = name.split(/ (?:with|through|of) /);
    const operation = OPERATIONS.find((candidate) => candidate.name === plain);
    if (!operation) throw new Error(`${plain} is no operation`);
    await checkCells(principal, name, operation);
  });
});

async function checkCells(principal: Principal, name: string, operation: Operation): Promise<void> {
  const rule = REST_RULES.get(name) ?? VARIANT_RULES.get(name);
  if (!rule) throw new Error(`the matrix has no row for ${name}`);
  for (const acls of aclsOf(operation, rule)) {
    const expected = refusalOf(principal, rule, acls, 'oss');
    const cell = `${principal.name}, bucket ${acls.bucket}, object ${acls.object ?? '-'}, ${name}`;
    tally.note(cell, expected, await seenIn(principal, { name, operation, acls, effect: rule.effect, expected }));
  }
  expect(tally.take()).toEqual([]);
}

/** An operation of the account has no bucket, one of a bucket has no object. */
function aclsOf({ name, level }: Operation, { right }: Rule): readonly Acls[] {
  if (right === 'unserved' || level === 'service') return [{ bucket: 'private' }];
  const isOnObject = level === 'object' || name === 'PostObject';
  return MATRIX.bucketAcls.flatMap((bucket): readonly Acls[] =>
    isOnObject ? MATRIX.objectAcls.map((object) => ({ bucket, object })) : [{ bucket }],
  );
}

interface Cell {
  readonly name: string;
  readonly operation: Operation;
  readonly acls: Acls;
  readonly effect: Rule['effect'];
  readonly expected: string | undefined;
}

/** The code of a refusal that changed nothing, undefined for a success that did what it should; otherwise a description. */
async function seenIn(principal: Principal, cell: Cell): Promise<string | undefined> {
  const { name, operation, effect } = cell;
  const at = await placesFor(cell);
  const before = writes;
  const reply = await ask(principal, operation, askedFor(name, at), at);
  const isChanged = writes > before;
  // It would count for every bucket of the account.
  if (name === 'PutPublicAccessBlock' && isChanged) await unblockAll();
  const code = codeOf(reply);
  if (reply.status >= 300) return isChanged ? `${code}, and something was written` : code;
  if (isChanged === (effect === 'changes')) return undefined;
  return `${reply.status}, and ${isChanged ? 'something' : 'nothing'} was written`;
}

/** HEAD has no document: a header has it. */
function codeOf(reply: Reply): string {
  const document = Buffer.from(String(reply.headers['x-oss-err'] ?? ''), 'base64').toString();
  return refusal(reply).code ?? /<Code>([^<]*)/.exec(document)?.[1] ?? String(reply.status);
}

/** Places of its own for a cell that should change something; the others share theirs. */
async function placesFor(cell: Cell): Promise<Places> {
  const { name, acls, effect, expected } = cell;
  if (effect === 'changes' && expected === undefined) return makePlaces(name, acls);
  const { made, after } = askedFor(name, { bucket: '', place: '', uploadId: '' });
  const content = JSON.stringify([acls, made, after, needsChannel(name), needsPart(name)]);
  const found = unchanged.get(content) ?? (await makePlaces(name, acls));
  unchanged.set(content, found);
  return found;
}

async function makePlaces(name: string, { bucket, object = 'default' }: Acls): Promise<Places> {
  const { metadata, objects } = server;
  const at: Places = { bucket: `bucket-${buckets}`, place: `bucket-${buckets}-place`, uploadId: `upload-${buckets}` };
  buckets += 1;
  const { made = 'plain', after } = askedFor(name, at);
  await metadata.putBucket(newBucket(at.bucket, bucket, NOW_MS));
  await metadata.putBucket(newBucket(at.place, 'public-read-write', NOW_MS));
  const source = await objects.put(at.place, 'readable', APPENDED);
  if (made !== 'nothing') {
    await makeObject(at.bucket, made, object);
    const upload = { initiatedMs: NOW_MS, acl: object, headers: {}, sequential: false };
    await metadata.putUpload({ ...upload, bucket: at.bucket, key: OBJECT, uploadId: at.uploadId });
    await metadata.putUpload({ ...upload, bucket: at.place, key: 'copy', uploadId: `${at.uploadId}-place` });
  }
  if (needsPart(name)) {
    const { etag, sizeBytes, location } = source;
    const part = { uploadId: at.uploadId, partNumber: 1, sizeBytes, etag, crc64: '0', lastModifiedMs: NOW_MS };
    await metadata.putPart({ ...part, location });
  }
  if (needsChannel(name)) await makeChannel(at.bucket);
  if (after !== undefined) await doBefore(after, at);
  return at;
}

function needsPart(name: string): boolean {
  return name.startsWith('CompleteMultipartUpload');
}

function needsChannel(name: string): boolean {
  return name.includes('LiveChannel') || name.includes('VodPlaylist');
}

async function makeObject(
  bucket: string,
  made: Made,
  acl: 'default' | 'private' | 'public-read' | 'public-read-write',
) {
  const { objects } = server;
  const linkTo = async (key: string, target: string, linkAcl: typeof acl) => {
    const headers = { 'x-oss-symlink-target': target };
    await objects.put(bucket, key, Buffer.alloc(0), { acl: linkAcl, type: 'Symlink', headers });
  };
  if (made === 'appendable') {
    await objects.append(bucket, OBJECT, 0, [APPENDED], { acl });
  } else if (made === 'link') {
    await objects.put(bucket, 'target', Buffer.from(PLAYLIST), { acl: 'public-read' });
    await linkTo(OBJECT, 'target', acl);
  } else {
    const headers = made === 'archived' || made === 'restored' ? { 'x-oss-storage-class': 'Archive' } : {};
    await objects.put(bucket, OBJECT, Buffer.from(PLAYLIST), { acl, headers });
  }
  if (made === 'linked') await linkTo('link.m3u8', OBJECT, 'public-read');
  if (made === 'restored') {
    const restore = { tier: 'Standard', readyMs: NOW_MS - 1, expiresMs: NOW_MS + 1_000_000 } as const;
    await objects.amend(bucket, OBJECT, (record) => ({ ...record, restore }));
  }
}

async function makeChannel(bucket: string): Promise<void> {
  const configured = { description: '', status: 'enabled', fragDurationSec: 5, fragCount: 3 } as const;
  const names = { bucket, name: CHANNEL, incarnation: bucket, playlistName: 'playlist.m3u8' };
  await server.metadata.putChannel({ ...configured, ...names, snapshot: null, lastModifiedMs: NOW_MS });
  const [object, row] = fragment(0, { source: `${bucket}/${CHANNEL}`, startMs: NOW_MS - 60_000 });
  await server.metadata.putFragment({ ...object, bucket, key: `${CHANNEL}/1.ts` }, row);
}

async function doBefore(name: string, at: Places): Promise<void> {
  const operation = OPERATIONS.find((candidate) => candidate.name === name);
  if (!operation) throw new Error(`${name} is no operation`);
  const owner = MATRIX.principals[0];
  const reply = owner && (await ask(owner, operation, askedFor(name, at), at));
  if (!reply || reply.status >= 300) throw new Error(`${name} of the owner: ${reply?.text}`);
}

async function unblockAll(): Promise<void> {
  for (const key of [undefined, { accessKeyId: 'guest-ak', accessKeySecret: 'guest-secret' }]) {
    await server.send('DELETE', '/?publicAccessBlock', key ? { key } : {});
  }
}

function countWrites(store: MetadataStore): MetadataStore {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      if (typeof name === 'string' && WRITING.test(name)) writes += 1;
      return method.bind(target);
    },
  });
}

async function ask(principal: Principal, operation: Operation, asked: Asked, { bucket }: Places): Promise<Reply> {
  const path = { service: '/', bucket: `/${bucket}`, object: `/${bucket}/${OBJECT}`, channel: `/${bucket}/${CHANNEL}` };
  const selected = selectorsOf(operation).map(({ name, value }) => pairOf(name, asked.values?.[name] ?? value));
  const query = `${selected.join('&')}${asked.query ?? ''}`;
  const target = `${asked.path ?? path[operation.level]}${query === '' ? '' : `?${query}`}`;
  const { key, secret = SECRETS[key ?? ''] ?? 'no-secret', token } = principal;
  const signing = key === undefined ? null : { accessKeyId: key, accessKeySecret: secret };
  if (asked.form) return postForm(target, signing, token, asked.form);
  if (asked.inUrl && signing) {
    const more = token === undefined ? '' : `&security-token=${token}`;
    const signed = `${target}${more}`;
    return server.send(operation.method, `${signed}&${signedQuery(signed, EXPIRES_SEC, signing)}`, { key: null });
  }
  const headers: Record<string, string> = { ...asked.headers };
  if (token !== undefined) headers['x-oss-security-token'] = token;
  const mayHaveBody = operation.method === 'PUT' || operation.method === 'POST';
  if (mayHaveBody) headers['content-length'] = String(Buffer.byteLength(asked.body ?? ''));
  return server.send(operation.method, target, { headers, body: asked.body ?? '', key: signing });
}

function pairOf(name: string, value: string | undefined): string {
  return value === undefined ? name : `${name}=${value}`;
}

/** A form is signed by its policy. */
function postForm(
  target: string,
  key: typeof OWNER | null,
  token: string | undefined,
  kind: 'plain' | 'acl',
): Promise<Reply> {
  const policy = Buffer.from(
    JSON.stringify({ expiration: '2025-01-01T01:00:00.000Z', conditions: [['starts-with', '$key', '']] }),
  ).toString('base64');
  const fields: Record<string, string> = { key: OBJECT };
  if (kind === 'acl') fields['x-oss-object-acl'] = 'public-read';
  if (key) {
    fields.OSSAccessKeyId = key.accessKeyId;
    fields.policy = policy;
    fields.Signature = createHmac('sha1', key.accessKeySecret).update(policy).digest('base64');
    if (token !== undefined) fields['x-oss-security-token'] = token;
  }
  const parts = Object.entries(fields).map(
    ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = '--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nnew\r\n--x--\r\n';
  const headers = { 'content-type': 'multipart/form-data; boundary=x' };
  return server.send('POST', target, { headers, body: parts.join('') + file, key: null });
}
