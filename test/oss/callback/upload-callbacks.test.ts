import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { createOutgoing } from '../../../src/http/outgoing.ts';
import type { CallbackSettings } from '../../../src/oss/callback/callback-settings.ts';
import { parseCallbackTemplate } from '../../../src/oss/callback/callback-template.ts';
import { UploadCallbacks } from '../../../src/oss/callback/upload-callbacks.ts';
import type { UploadedObject } from '../../../src/oss/callback/uploaded-object.ts';
import { receiveHttp } from '../../support/http-receiver.ts';
import { callbackKeys } from '../rest/rest-server.ts';

const UPLOADED: UploadedObject = {
  bucket: 'examplebucket',
  object: 'a',
  etag: '',
  sizeBytes: 0,
  mimeType: '',
  image: undefined,
  crc64: '',
  contentMd5: '',
  clientIp: '127.0.0.1',
  requestId: '',
  operation: 'PutObject',
};
const MAX_PENDING = 256;

function start() {
  const callbacks = new UploadCallbacks({
    clock: systemClock,
    log: silentLog,
    ownerId: '1234567890123456',
    privateKeyPem: async () => callbackKeys().privateKey,
    send: createOutgoing('any'),
  });
  onTestFinished(() => callbacks.close());
  const call = (url: string) => {
    const settings: CallbackSettings = {
      urls: [new URL(url)],
      host: undefined,
      body: parseCallbackTemplate('a') ?? [],
      bodyType: 'application/x-www-form-urlencoded',
      sendsServerName: true,
      variables: new Map(),
    };
    return callbacks.call(settings, UPLOADED, 'http://127.0.0.1/key.pem');
  };
  return { callbacks, call };
}

describe('UploadCallbacks', () => {
  it('makes so many calls at a time, and no more', async () => {
    const { callbacks, call } = start();
    const hanging = await receiveHttp(() => undefined);
    const calls = Array.from({ length: MAX_PENDING }, () => call(hanging.url).catch(() => 'failed'));
    const tooMany = { code: 'CallbackFailed', message: 'Too many callback requests.' };
    await expect(call(hanging.url)).rejects.toMatchObject(tooMany);
    await callbacks.clear();
    expect(await Promise.all(calls)).toEqual(calls.map(() => 'failed'));
  });

  it('ends the calls under way at a reset, and makes others after it', async () => {
    const { callbacks, call } = start();
    const receiver = await receiveHttp((response, n) => {
      if (n > 1) response.end('{}');
    });
    const first = expect(call(receiver.url)).rejects.toMatchObject({ code: 'CallbackFailed' });
    await receiver.request(1);
    await callbacks.clear();
    await first;
    expect((await call(receiver.url)).toString()).toBe('{}');
  });
});
