import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { isSecretName, mayHaveSecret, redact } from '../../src/base/redact.ts';

const SIGNATURE = 'W8dZ+Rk3/5l1aVq0yqkDIVaFhsA=';
const TOKEN = 'CAISzwF1q6Ft5B2yfSjIr5fSE/T+2Kpxgj+mQB/2E0xkTk8d+7bQ5zz2IHxMeXRpAe4Xs/43';
const ROOM = gzipSync('{"c":"room","u":"user","d":"User","r":"0123"}').toString('base64url');
const POLICY = Buffer.from(`{"conditions":[["eq","$x-oss-security-token","${TOKEN}"]]}`).toString('base64');
const once = encodeURIComponent;
const twice = (text: string) => once(once(text));

it.each([
  ['a query', `/b/k?OSSAccessKeyId=ak&Expires=1&Signature=${once(SIGNATURE)}`, SIGNATURE],
  ['a name that is escaped', `/b/k?%53ignature=${once(SIGNATURE)}&a=b`, SIGNATURE],
  ['a name that is escaped twice', `/b/k?%2553ignature=${SIGNATURE}`, SIGNATURE],
  ['a value with a slash and blanks', `live/cam?Signature=${SIGNATURE.replaceAll('+', ' ')}`, 'W8dZ'],
  ['V4 in a header', `OSS4-HMAC-SHA256 Credential=ak/x, Signature=${'ab'.repeat(32)}`, 'abab'],
  ['V1 in a header', `Authorization: OSS emulator-ak:${SIGNATURE}`, SIGNATURE],
  ['MNS in a header', `MNS emulator-ak:${SIGNATURE}`, SIGNATURE],
  ['a bearer', 'Authorization: Bearer abcdefghijklmnop', 'abcdefgh'],
  ['a header line of a string to sign', `PUT\n\nx-oss-security-token:${TOKEN}\n/b/k`, TOKEN],
  ['a sub-resource of a string to sign', `/b/k?security-token=${TOKEN}`, TOKEN],
  ['a string to sign of RPC', `GET&%2F&Action%3DA%26SecurityToken%3D${twice(TOKEN)}%26Version%3D1`, twice(TOKEN)],
  ['JSON', `{"accessKeySecret":"emulator-secret","SecurityToken":"${TOKEN}"}`, 'emulator-secret'],
  ['a condition of a policy', `["eq", "$x-oss-security-token", "${TOKEN}"]`, TOKEN],
  ['a policy in Base64', POLICY, POLICY],
  ['auth_key', 'rtmp://host/app/s?auth_key=1700000000-0-0-0123456789abcdef0123456789abcdef', '0123456789abcdef'],
  ['a password', 'rtmp://user:pass-word@host/app', 'pass-word'],
  ['a name of a room', `Nothing is live at /rtc0123/${ROOM}.flv.`, ROOM],
  [
    'a URL in a string to sign of RPC',
    `%26NotifyUrl%3D${twice('http://host/n?token=receiver-token-1')}`,
    'receiver-token-1',
  ],
  [
    'a second parameter of such a URL',
    `%26Url%3D${twice('http://host/n?a=b&token=receiver-token-1')}`,
    'receiver-token-1',
  ],
  ['a token without a name', `${TOKEN} is no JSON`, TOKEN],
])('hides what is secret in %s', (_what, text, secret) => {
  const shown = redact(text);
  expect(shown).toContain('***');
  expect(shown).not.toContain(secret);
  expect(shown).not.toContain(once(secret));
});

it.each([
  'the signature has 27 characters and not 28: it was cut off',
  '/examplebucket/live/cam.m3u8?x-oss-process=hls/sign',
  'x-oss-date:20260101T000000Z',
  'SignatureMethod "HMAC-MD5", SignatureType ""; served are HMAC-SHA1',
  '/b?continuation-token=abcdefgh&prefix=a',
  '/b?continuation-token%3Dabcdefgh%26prefix%3Da',
  'fragment 0123456789abcdef0123456789abcdef0123456789abcdef of session 7c9e6679-7425-40de-944b-e07fc1f90ae7',
  'rtmp://localhost:1935/live/cam',
  'at serve (file:///src/oss/rest/rest-app.ts:144:20)',
])('leaves what is none: %s', (text) => {
  expect(redact(text)).toBe(text);
});

it('is done with any text in a time that grows with its length only', () => {
  for (const piece of [
    '=',
    'a=',
    'a',
    'signature',
    '%',
    '%25',
    ':',
    '"',
    'H4sI',
    'CAIS',
    '//',
    '@',
    'secret%25253D',
    'token%25253D',
    '%2525',
    'OSS ',
  ]) {
    const text = piece.repeat(20_000);
    for (const long of [text, `=${text}`, `${text}=`]) expect(redact(long).length).toBeLessThanOrEqual(400_001);
  }
});

it('knows secrets by the name of their parameter', () => {
  for (const name of [
    'Signature',
    'x-oss-signature',
    'security-token',
    'SecurityToken',
    'auth_key',
    'auth%5Fkey',
    'token',
  ]) {
    expect(isSecretName(name)).toBe(true);
  }
  for (const name of ['SignatureMethod', 'continuation-token', 'key', 'prefix']) expect(isSecretName(name)).toBe(false);
});

it('takes a text for a secret that is given for a URL, unless it is a plain address', () => {
  for (const text of ['x', '', '127.0.0.1', 'media.test:9000', 'htp://media.test', 'ftp://[::1]:21/']) {
    expect([text, mayHaveSecret(text)]).toEqual([text, false]);
  }
  for (const text of [
    'id:secret',
    's3://id:secret',
    's3:id:secret@bucket',
    's3://id:secret%40bucket',
    'media.test/path',
    '//a?b',
    'a=b',
    'a b',
  ]) {
    expect([text, mayHaveSecret(text)]).toEqual([text, true]);
  }
});
