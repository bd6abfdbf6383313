/**
 * Before every test file: whatever its emulators write to logs, of every level, to events, to other servers and in error
 * documents is kept, with the secrets that they knew. After the file nothing of the one may be in the other.
 */
import { afterAll, expect, vi } from 'vitest';
import type { Log, LogFields } from '../../src/base/log.ts';
import { noteHarmless, noteSecret, noteText, takeLeaks } from './observed-secrets.ts';

vi.mock('../../src/base/log.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/base/log.ts')>();
  const observer = actual.createLog('debug', noteText, () => 0);
  const createLog: typeof actual.createLog = (...args) => observed(actual.createLog(...args), observer);
  return { ...actual, createLog, silentLog: observed(actual.silentLog, observer) };
});

function observed(log: Log, observer: Log): Log {
  type Line<Event> = (event: Event, fields?: LogFields) => void;
  const both =
    <Event>(first: Line<Event>, second: Line<Event>): Line<Event> =>
    (event, fields) => {
      first(event, fields);
      second(event, fields);
    };
  return {
    error: both(observer.error, log.error),
    warn: both(observer.warn, log.warn),
    info: both(observer.info, log.info),
    debug: both(observer.debug, log.debug),
    with: (fields) => observed(log.with(fields), observer.with(fields)),
  };
}

vi.mock('../../src/events/events.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/events/events.ts')>();
  const Events = new Proxy(actual.Events, {
    construct(target, args, newTarget) {
      const events: InstanceType<typeof actual.Events> = Reflect.construct(target, args, newTarget);
      events.subscribe((event) => noteText(JSON.stringify(event)));
      return events;
    },
  });
  return { ...actual, Events };
});

vi.mock('../../src/http/outgoing.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/http/outgoing.ts')>();
  const createOutgoing: typeof actual.createOutgoing = (...args) => {
    const send = actual.createOutgoing(...args);
    return (request, signal, limitBytes) => {
      noteText(request.url.href);
      noteText(request.body.toString());
      return send(request, signal, limitBytes);
    };
  };
  return { ...actual, createOutgoing };
});

vi.mock('../../src/aliyun/xml/error-document.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/aliyun/xml/error-document.ts')>();
  const errorDocument: typeof actual.errorDocument = (error, ...rest) => {
    const document = actual.errorDocument(error, ...rest);
    // The service itself answers what it signed, and with which signature it compared.
    if (error.code !== 'SignatureDoesNotMatch') noteText(document);
    return document;
  };
  return { ...actual, errorDocument };
});

vi.mock('../../src/aliyun/credentials.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/aliyun/credentials.ts')>();
  const createKeyRing: typeof actual.createKeyRing = (keys, added) => {
    for (const { accessKeyId, accessKeySecret, securityToken } of keys) {
      noteHarmless(accessKeyId);
      noteSecret(accessKeySecret);
      noteSecret(securityToken);
    }
    return actual.createKeyRing(keys, added);
  };
  return { ...actual, createKeyRing };
});

vi.mock('../../src/sts/issued-keys.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/sts/issued-keys.ts')>();
  const { issue } = actual.IssuedKeys.prototype;
  actual.IssuedKeys.prototype.issue = async function (request) {
    const key = await issue.call(this, request);
    noteSecret(key.accessKeySecret);
    noteSecret(key.securityToken);
    return key;
  };
  return actual;
});

vi.mock('../../src/aliyun/auth/claim.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/aliyun/auth/claim.ts')>();
  const hmacBase64: typeof actual.hmacBase64 = (...args) => noted(actual.hmacBase64(...args));
  return { ...actual, hmacBase64 };
});

vi.mock('../../src/aliyun/auth/signing-keys.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/aliyun/auth/signing-keys.ts')>();
  const hmacSha256: typeof actual.hmacSha256 = (...args) => {
    const digest = actual.hmacSha256(...args);
    noteSecret(digest.toString('hex'));
    return digest;
  };
  return { ...actual, hmacSha256 };
});

vi.mock('../../src/aliyun/auth/acs3-header.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/aliyun/auth/acs3-header.ts')>();
  const acs3Signature: typeof actual.acs3Signature = (...args) => noted(actual.acs3Signature(...args));
  return { ...actual, acs3Signature };
});

vi.mock('../../src/aliyun/auth/auth-key.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/aliyun/auth/auth-key.ts')>();
  const signAuthKey: typeof actual.signAuthKey = (...args) => {
    const authKey = actual.signAuthKey(...args);
    noteSecret(authKey);
    noteSecret(authKey.split('-').at(-1));
    return authKey;
  };
  return { ...actual, signAuthKey };
});

vi.mock('../../src/notify/mns/signature.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/notify/mns/signature.ts')>();
  const hmacSignature: typeof actual.hmacSignature = (...args) => noted(actual.hmacSignature(...args));
  return { ...actual, hmacSignature };
});

vi.mock('../../src/live/rooms/token.ts', async (importActual) => {
  const actual = await importActual<typeof import('../../src/live/rooms/token.ts')>();
  const writeRoomToken: typeof actual.writeRoomToken = (...args) => noted(actual.writeRoomToken(...args));
  return { ...actual, writeRoomToken };
});

function noted(secret: string): string {
  noteSecret(secret);
  return secret;
}

afterAll(() => {
  expect(takeLeaks(), 'secrets in what the emulator wrote').toEqual([]);
});
