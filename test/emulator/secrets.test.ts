/**
 * What the emulator writes down of requests with secrets. `support/observe-secrets.ts` looks for them after every file of
 * the suite; here every way in is taken once, and the search itself is tried.
 */
import { describe, expect, it } from 'vitest';
import { acs3Signature } from '../../src/aliyun/auth/acs3-header.ts';
import { signAuthKey } from '../../src/aliyun/auth/auth-key.ts';
import { signRtmpUrl } from '../../src/aliyun/auth/rtmp-url.ts';
import { signV1Url } from '../../src/aliyun/auth/v1-query.ts';
import { createLog } from '../../src/base/log.ts';
import { Events } from '../../src/events/events.ts';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { startEmulator } from '../../src/testing/start-emulator.ts';
import { signedQuery } from '../live/signed-call.ts';
import { noteSecret, noteText, takeLeaks } from '../support/observed-secrets.ts';

const TOKEN = `CAIS${'q7+/W'.repeat(20)}`;
const KEY = { accessKeyId: 'STS.temporary', accessKeySecret: 'temporary-key-secret', securityToken: TOKEN };
const MAIN = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
const SIGNATURE = 'W8dZ+Rk3/5l1aVq0yqkDIVaFhsA=';
const MD5 = '0123456789abcdef0123456789abcdef';

const lines: string[] = [];
const log = createLog(
  'debug',
  (line) => lines.push(line),
  () => 0,
);
const seconds = () => Math.floor(Date.now() / 1000) + 600;

async function start() {
  return startEmulator({
    log,
    buckets: ['examplebucket'],
    liveAuthKeys: [{ domain: '*', key: 'live-auth-key-secret' }],
  });
}

/** Text and secrets of everything that was written, as one reader after the other would see it. */
async function written(emulator: Awaited<ReturnType<typeof start>>): Promise<string> {
  const metrics = await (await fetch(`${emulator.endpoint}/_emulator/metrics`)).text();
  const events = emulator.events.since(0).map((event) => JSON.stringify(event));
  return [...lines.splice(0), ...events, metrics].join('\n');
}

const refusedPush = (url: string) =>
  RtmpPublisher.publish(url).then(
    () => 'accepted',
    () => 'refused',
  );

describe('secrets of a request', () => {
  it.each<[string, string, RequestInit]>([
    ['a signed URL', `/examplebucket/a?${signV1Url({ bucket: 'examplebucket', key: 'a' }, MAIN, seconds())}`, {}],
    ['a URL with a token', `/examplebucket/a?${signV1Url({ bucket: 'examplebucket', key: 'b' }, KEY, seconds())}`, {}],
    ['an escaped name', `/examplebucket/a?%53ignature=${encodeURIComponent(SIGNATURE)}`, {}],
    ['a bare signature', `/examplebucket/a?${SIGNATURE}`, {}],
    ['an unknown parameter', `/examplebucket/a?sig=${encodeURIComponent(SIGNATURE)}`, {}],
    ['a secret in the path', `/examplebucket/a/Signature=${encodeURIComponent(SIGNATURE)}`, {}],
    ['a question mark that is escaped', `/examplebucket/a%3FSignature%3D${encodeURIComponent(SIGNATURE)}`, {}],
    ['a header of V1', '/examplebucket/a', { headers: { authorization: `OSS emulator-ak:${SIGNATURE}` } }],
    ['a header that is none', '/examplebucket/a', { headers: { authorization: SIGNATURE } }],
    [
      'a token in both places',
      `/examplebucket/a?security-token=${encodeURIComponent(TOKEN)}`,
      { headers: { 'x-oss-security-token': TOKEN, authorization: `OSS emulator-ak:${SIGNATURE}` } },
    ],
    ['V4', `/examplebucket/a?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=${MD5}${MD5}`, {}],
    ['the token of hls/sign', `/examplebucket/a.m3u8?x-oss-process=hls/sign&x-oss-hls-sign-token=${MD5}`, {}],
    [
      'a callback',
      `/examplebucket/a?callback=${btoa(`{"callbackUrl":"http://h/?token=${MD5}"}`)}`,
      { method: 'PUT', body: 'a' },
    ],
    [
      'RPC',
      `/?${signedQuery(Date.now(), { Version: '2016-11-01', Action: 'DescribeLiveDomains' }, { SecurityToken: TOKEN, AccessKeyId: KEY.accessKeyId })}`,
      {},
    ],
    [
      'RPC with a wrong signature',
      `/?${signedQuery(Date.now(), { Version: '2016-11-01', Action: 'X' }, {}, { secret: 'wrong' })}`,
      {},
    ],
    [
      'ACS3',
      '/',
      {
        method: 'POST',
        headers: {
          'x-acs-action': 'X',
          'x-acs-version': '2016-11-01',
          'x-acs-security-token': TOKEN,
          authorization: `ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=${acs3Signature('a', 'b')}`,
        },
      },
    ],
    [
      'MNS',
      `/topics/a?Signature=${encodeURIComponent(SIGNATURE)}`,
      {
        headers: {
          authorization: `MNS emulator-ak:${SIGNATURE}`,
          'x-mns-version': '2015-06-06',
          'security-token': TOKEN,
        },
      },
    ],
    ['auth_key of FLV', `/app/stream.flv?auth_key=1700000000-0-0-${MD5}`, {}],
    ['a name of a room', `/rtc0123456789ab/H4sIAAAAAAAAA6tWSlayUkpUqgUAKJ7hFwkAAAA.flv`, {}],
    ['a name of a room in place of a bucket', '/H4sIAAAAAAAAA6tWSlayUkpUqgUAKJ7hFwkAAAA/a', {}],
    ['a name of a room as a prefix', '/examplebucket?prefix=H4sIAAAAAAAAA6tWSlayUkpUqgUAKJ7hFwkAAAA', {}],
    ['a signed URL as a prefix', `/examplebucket?prefix=a%3FSignature%3D${encodeURIComponent(SIGNATURE)}`, {}],
  ])('are in nothing that is written: %s', async (_what, target, init) => {
    await using emulator = await start();
    const answer = await fetch(`${emulator.endpoint}${target}`, init);
    await answer.text();
    const text = await written(emulator);
    for (const secret of [SIGNATURE, TOKEN, MD5, 'H4sIAAAAAAAAA6tW', MAIN.accessKeySecret]) {
      for (const reading of [secret, encodeURIComponent(secret)]) expect(text).not.toContain(reading);
    }
    expect(text).toContain('request');
  });

  it('are in nothing that is written of refused pushes, room addresses and streams', async () => {
    await using emulator = await start();
    const rtmp = `rtmp://127.0.0.1:${emulator.port}`;
    const signed = signRtmpUrl({ bucket: 'examplebucket', channel: 'other' }, KEY, seconds());
    const room = await emulator.roomAddress({ appId: 'app', channelId: 'room', userId: 'user' });
    const authKey = signAuthKey('/app/other', seconds(), '0', '0', 'live-auth-key-secret');
    const pushes = [
      `${rtmp}/live/test-channel?${signed}`,
      `${rtmp}/examplebucket/live/test-channel?%53ignature=${encodeURIComponent(SIGNATURE)}&${signed}`,
      `${rtmp}/nothing/of?Signature=${SIGNATURE}`,
      `${rtmp}/app/stream?auth_key=${authKey}`,
      room.rtmpAddress.replace(/auth_key=.*/, `auth_key=${authKey}`),
    ];
    for (const url of pushes) expect(await refusedPush(url)).toBe('refused');
    const text = await written(emulator);
    expect(text).toContain('publish.refused');
    for (const secret of [SIGNATURE, TOKEN, authKey, 'H4sI', 'live-auth-key-secret'])
      expect(text).not.toContain(secret);
  });
});

describe('the search for secrets', () => {
  it.each([
    ['a signature after its name', `GET /a?Signature=${SIGNATURE}`],
    ['a token that is escaped', `"/a?b=${encodeURIComponent(TOKEN)}"`],
    ['a token that is escaped twice', encodeURIComponent(encodeURIComponent(TOKEN))],
    ['a registered signature behind a path', `/a/b/${SIGNATURE}`],
    ['hexadecimal digits', `compared ${MD5}`],
    ['the secret of a key', 'key=temporary-key-secret'],
  ])('finds %s', (_what, text) => {
    takeLeaks();
    for (const secret of [SIGNATURE, TOKEN, MD5, KEY.accessKeySecret]) noteSecret(secret);
    noteText(text);
    expect(takeLeaks()).toHaveLength(1);
  });

  it('sees what logs and events write', () => {
    takeLeaks();
    noteSecret('temporary-key-secret');
    createLog(
      'silent',
      () => {},
      () => 0,
    ).debug('connection', { field: 'a temporary-key-secret' });
    new Events().emit({ type: 'emulator.reset', bucket: 'temporary-key-secret' });
    expect(takeLeaks()).toHaveLength(2);
  });
});
