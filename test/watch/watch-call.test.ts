import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { mayBeViewer, readWishes, type WatchCall } from '../../src/watch/watch-call.ts';

function request(method: string, url: string, headers: IncomingMessage['headers'] = {}) {
  return mayBeViewer({ method, url, headers });
}

const SDP = { 'content-type': 'application/sdp', 'content-length': '1000' };
const JSON_BODY = { 'content-type': 'application/json', 'content-length': '1000' };

it.each([
  ['an offer in SDP', '/app/s1', SDP],
  ['whatever the case of its type', '/app/s1', { ...SDP, 'content-type': 'Application/SDP' }],
  ['in pieces', '/app/s1', { 'content-type': 'application/sdp', 'transfer-encoding': 'chunked' }],
  ['with a token of a WHEP player', '/app/s1', { ...SDP, authorization: 'Bearer token' }],
  ['in JSON', '/app/s1?auth_key=1-0-0-x', JSON_BODY],
  ['that the SDK calls a form', '/app/s1', { ...JSON_BODY, 'content-type': 'application/x-www-form-urlencoded' }],
])('the body may be %s', (_, url, headers) => {
  expect(request('POST', url, headers)).toBe(true);
});

it.each([
  ['with credentials', '/bucket/key', { ...JSON_BODY, authorization: 'OSS emulator-ak:signature' }],
  ['with a signed URL', '/bucket/key?OSSAccessKeyId=a&Expires=1&Signature=b', JSON_BODY],
  ['with a signed URL of version 4', '/bucket/key?x-oss-signature=a', JSON_BODY],
  ['with a sub-resource', '/bucket/key?append&position=0', JSON_BODY],
  ['of a form with a file', '/bucket/key', { 'content-type': 'multipart/form-data', 'content-length': '9' }],
  ['of unknown length', '/bucket/key', { 'content-type': 'application/json' }],
  ['without a type', '/bucket/key', { 'content-length': '9' }],
])('is left to OSS unread: a POST %s', (_, url, headers) => {
  expect(request('POST', url, headers)).toBe(false);
});

it.each([
  ['/app/s1', '/app/s1', true, true],
  ['/app/s1@subaudio=no', '/app/s1', true, false],
  ['/app/s1@subvideo=no', '/app/s1', false, true],
  ['/app/s1@subaudio=yes@subvideo=no', '/app/s1', false, true],
  ['/app/cam@home', '/app/cam@home', true, true],
  ['/app/cam@home@subaudio=no', '/app/cam@home', true, false],
  ['/a@subaudio=no/s1', '/a@subaudio=no/s1', true, true],
])('%s is %s', (path, stream, video, audio) => {
  const call: WatchCall = {
    method: 'POST',
    path,
    query: new URLSearchParams(),
    headers: new Map(),
    host: '127.0.0.1',
    remoteAddr: '127.0.0.1:50000',
    target: path,
    isForwarded: false,
  };
  expect(readWishes(call)).toEqual({ call: { ...call, path: stream }, video, audio });
});
