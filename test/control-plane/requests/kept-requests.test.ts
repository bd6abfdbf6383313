import { describe, expect, it } from 'vitest';
import { KeptRequests } from '../../../src/control-plane/requests/kept-requests.ts';
import type { AnsweredRequest } from '../../../src/http/observer.ts';

function answered(changes: Partial<AnsweredRequest> = {}): AnsweredRequest {
  return {
    requestId: 'r',
    remoteAddr: '127.0.0.1:1',
    method: 'PUT',
    target: '/bucket/cam?live',
    operation: 'PutLiveChannel',
    bucket: 'bucket',
    key: 'cam',
    status: 200,
    durationMs: 1,
    refusal: undefined,
    headers: new Map(),
    ...changes,
  };
}

function kept(changes: Partial<AnsweredRequest>) {
  const requests = new KeptRequests();
  requests.note(answered(changes));
  return requests.find('r');
}

describe('kept requests', () => {
  it('are the latest thousand', () => {
    const requests = new KeptRequests();
    for (let id = 0; id <= 1_000; id++) requests.note(answered({ requestId: String(id) }));
    expect(requests.find('0')).toBeUndefined();
    expect(requests.find('1')?.key).toBe('cam');
    expect(requests.find('1000')?.key).toBe('cam');
    requests.clear();
    expect(requests.find('1000')).toBeUndefined();
  });

  it.each([
    ['none', {}, { state: 'none' }],
    ['an empty one', { headers: new Map([['content-length', '0']]) }, { state: 'none' }],
    ['a document', { document: Buffer.from('<a/>') }, { state: 'kept', text: '<a/>' }],
    ['a long document', { document: Buffer.from('x'.repeat(8_193)) }, { state: 'dropped' }],
    ['a document with a secret', { document: Buffer.from('password: hunter2hunter2') }, { state: 'dropped' }],
    ['a document that was not read', {}, { state: 'dropped' }],
    [
      'a document of an operation that may have secrets',
      { document: Buffer.from('<a/>'), operation: 'PutBucketWebsite' },
      { state: 'dropped' },
    ],
    ['the content of an object', { document: Buffer.from('a'), operation: 'PutObject' }, { state: 'dropped' }],
  ] as const)('have of a body: %s', (what, changes, body) => {
    const hasBody = what !== 'none' && what !== 'an empty one';
    const headers = new Map(hasBody ? [['content-length', '4']] : []);
    expect(kept({ headers, ...changes })?.body).toEqual(body);
  });

  it('have no signature, no token and no header that is not known', () => {
    const request = kept({
      target:
        '/bucket/cam?live&x-oss-signature=c2lnbmF0dXJl&x-oss-credential=id%2F20300101&security-token=CAIS' +
        'aaaaaaaaaaaaaaaaaaaaaaaa&x-oss-process=style&callback=e30',
      headers: new Map([
        ['authorization', 'OSS id:c2lnbmF0dXJl'],
        ['x-oss-security-token', 'CAISaaaaaaaaaaaaaaaaaaaaaaaa'],
        ['x-oss-date', '20300101T000000Z'],
        ['x-oss-callback', 'e30='],
        ['x-oss-acl', 'private'],
        ['range', 'x'.repeat(2_000)],
        ['user-agent', 'someone'],
      ]),
    });
    expect(request?.query.map(({ name, value }) => [name, value])).toEqual([
      ['live', ''],
      ['x-oss-process', 'style'],
    ]);
    expect([...(request?.headers ?? [])]).toEqual([['x-oss-acl', 'private']]);
    expect(request?.missing).toEqual(['header x-oss-callback', 'header range', 'parameter callback']);
  });

  it('say that a key looks like a secret', () => {
    const key = 'a?OSSAccessKeyId=id&Signature=c2lnbmF0dXJlc2lnbmF0dXJl';
    const request = kept({ key });
    expect(request?.missing).toEqual(['key']);
    expect(request?.key).not.toContain('c2lnbmF0dXJl');
  });

  it.each([
    ['DELETE', '/examplebucket/%00'],
    ['DELETE', '/examplebucket/%zz'],
    ['GET', '/a%zz'],
  ])('say that the path of %s %s is missing', (method, target) => {
    const request = kept({ method, target, operation: undefined, bucket: undefined, key: undefined });
    expect(request).toMatchObject({ bucket: '', key: '', missing: ['path'], isAddressKept: false });
  });

  it('have the whole address of a request to the service', () => {
    const request = kept({ method: 'GET', target: '/', operation: 'GetService', bucket: undefined, key: undefined });
    expect(request).toMatchObject({ bucket: '', key: '', missing: [], isAddressKept: true });
  });

  it('have the address of a form, not the key in it', () => {
    const request = kept({ method: 'POST', target: '/bucket', operation: 'PostObject' });
    expect(request).toMatchObject({ bucket: 'bucket', key: '', isAddressKept: true });
  });

  it('say that a parameter is repeated, and have the first, which counts', () => {
    const request = kept({ target: '/bucket?prefix=a&prefix=b&marker=c' });
    expect(request?.query.map(({ name, value }) => [name, value])).toEqual([
      ['prefix', 'a'],
      ['marker', 'c'],
    ]);
    expect(request).toMatchObject({ missing: ['repeated parameter prefix'], isAddressKept: false });
  });

  it.each([
    ['not UTF-8', Buffer.from([0x3c, 0xff])],
    ['with a control character', Buffer.from('<a>\x1b</a>')],
  ])('have no document that is %s', (_what, document) => {
    expect(kept({ headers: new Map([['content-length', '4']]), document })?.body).toEqual({ state: 'dropped' });
  });
});
