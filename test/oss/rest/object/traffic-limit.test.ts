import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type Clock, ManualClock } from '../../../../src/base/clock.ts';
import { element, KEY, NOW_MS, refusal, signedQuery, startRestServer } from '../rest-server.ts';

const LIMIT = { 'x-oss-traffic-limit': '819200' };
const MEBIBYTE = Buffer.alloc(1024 * 1024, 'a');
/** 1 MiB at 100 KiB/s. */
const MEBIBYTE_MS = 10_240;

/** A clock whose timers fire at once; it counts how long they would have taken. */
class HastyClock extends EventEmitter<{ timer: [] }> implements Clock {
  waitedMs = 0;

  now(): number {
    return NOW_MS;
  }

  elapsed(): number {
    return this.waitedMs;
  }

  setTimeout(callback: () => void, delayMs: number) {
    this.waitedMs += delayMs;
    this.emit('timer');
    const handle = setImmediate(callback);
    return { cancel: () => clearImmediate(handle) };
  }
}

async function startPaced() {
  const realClock = new HastyClock();
  const rest = await startRestServer({ realClock });
  /** How long a request had to wait. */
  const timed = async (method: string, target: string, sent: Parameters<typeof rest.send>[2] = {}) => {
    const before = realClock.waitedMs;
    const reply = await rest.send(method, target, sent);
    return { reply, waitedMs: Math.round(realClock.waitedMs - before) };
  };
  return { ...rest, timed };
}

describe('x-oss-traffic-limit', () => {
  it('slows PutObject, AppendObject and UploadPart, and the answer says by how much', async () => {
    const { send, timed } = await startPaced();
    const upload = element(await send('POST', '/examplebucket/parts?uploads'), 'UploadId');
    for (const [method, target] of [
      ['PUT', '/examplebucket/key'],
      ['POST', '/examplebucket/log?append&position=0'],
      ['PUT', `/examplebucket/parts?partNumber=1&uploadId=${upload}`],
    ] as const) {
      const { reply, waitedMs } = await timed(method, target, { body: MEBIBYTE, headers: LIMIT });
      expect([reply.status, waitedMs, reply.headers['x-oss-qos-delay-time']]).toEqual([
        200,
        MEBIBYTE_MS,
        String(MEBIBYTE_MS),
      ]);
    }
    expect((await send('HEAD', '/examplebucket/key')).headers['content-length']).toBe(String(MEBIBYTE.length));
  });

  it('slows GetObject and copies, ranges by their own length', async () => {
    const { send, timed } = await startPaced();
    await send('PUT', '/examplebucket/key', { body: MEBIBYTE });
    const whole = await timed('GET', '/examplebucket/key', { headers: LIMIT });
    expect([whole.reply.bytes.equals(MEBIBYTE), whole.waitedMs]).toEqual([true, MEBIBYTE_MS]);
    const half = await timed('GET', '/examplebucket/key', { headers: { ...LIMIT, range: 'bytes=0-524287' } });
    expect([half.reply.status, half.reply.bytes.length, half.waitedMs]).toEqual([206, 524_288, MEBIBYTE_MS / 2]);
    const copy = { ...LIMIT, 'x-oss-copy-source': '/examplebucket/key' };
    const copied = await timed('PUT', '/examplebucket/copy', { headers: copy });
    expect([copied.reply.status, copied.waitedMs]).toEqual([200, MEBIBYTE_MS]);
    const upload = element(await send('POST', '/examplebucket/parts?uploads'), 'UploadId');
    const part = await timed('PUT', `/examplebucket/parts?partNumber=1&uploadId=${upload}`, { headers: copy });
    expect([part.reply.status, part.waitedMs]).toEqual([200, MEBIBYTE_MS]);
  });

  it('is taken from the query of a signed URL', async () => {
    const { send, timed } = await startPaced();
    await send('PUT', '/examplebucket/key', { body: MEBIBYTE });
    const target = '/examplebucket/key?x-oss-traffic-limit=819200';
    const url = `${target}&${signedQuery(target, NOW_MS / 1000 + 60, KEY)}`;
    const { reply, waitedMs } = await timed('GET', url, { key: null });
    expect([reply.status, waitedMs]).toEqual([200, MEBIBYTE_MS]);
  });

  it('does not slow HEAD, an empty object, or a request without it', async () => {
    const { timed } = await startPaced();
    const empty = await timed('PUT', '/examplebucket/empty', {
      body: '',
      headers: { ...LIMIT, 'content-length': '0' },
    });
    expect([empty.waitedMs, empty.reply.headers['x-oss-qos-delay-time']]).toEqual([0, '0']);
    const put = await timed('PUT', '/examplebucket/key', { body: MEBIBYTE });
    expect([put.waitedMs, put.reply.headers['x-oss-qos-delay-time']]).toEqual([0, undefined]);
    expect((await timed('HEAD', '/examplebucket/key', { headers: LIMIT })).waitedMs).toBe(0);
    expect((await timed('GET', '/examplebucket/key')).waitedMs).toBe(0);
  });

  it.each(['819199', '838860801', 'abc', '', '-1', '819200.5', '1e6', '0x100000', '9'.repeat(400)])(
    'is refused when it is %j, and nothing is stored',
    async (limit) => {
      const { send } = await startPaced();
      const headers = { 'x-oss-traffic-limit': limit };
      const put = await send('PUT', '/examplebucket/key', { body: 'x', headers });
      expect(refusal(put)).toEqual({ status: 400, code: 'InvalidArgument', ec: '0004-00000502' });
      expect(element(put, 'ArgumentName')).toBe('x-oss-traffic-limit');
      expect((await send('HEAD', '/examplebucket/key')).status).toBe(404);
      await send('PUT', '/examplebucket/key', { body: 'x' });
      expect(refusal(await send('GET', '/examplebucket/key', { headers }))).toMatchObject({ ec: '0004-00000502' });
    },
  );

  it.each(['819200', '838860800'])('may be %s', async (limit) => {
    const { send } = await startPaced();
    const put = await send('PUT', '/examplebucket/key', { body: 'x', headers: { 'x-oss-traffic-limit': limit } });
    expect(put.status).toBe(200);
  });

  it('is refused when it is in the headers and in the query', async () => {
    const { send } = await startPaced();
    const reply = await send('GET', '/examplebucket/key?x-oss-traffic-limit=819200', { headers: LIMIT });
    expect(refusal(reply)).toEqual({ status: 400, code: 'InvalidArgument', ec: '0004-00000501' });
  });

  it('holds nobody else up', async () => {
    const realClock = new ManualClock(NOW_MS);
    const { send } = await startRestServer({ realClock });
    await send('PUT', '/examplebucket/key', { body: MEBIBYTE });
    let ended = false;
    const slow = send('GET', '/examplebucket/key', { headers: LIMIT }).then((reply) => {
      ended = true;
      return reply;
    });
    expect((await send('GET', '/examplebucket/key')).bytes.length).toBe(MEBIBYTE.length);
    expect((await send('PUT', '/examplebucket/key', { body: 'new' })).status).toBe(200);
    expect(ended).toBe(false);
    while (!ended) {
      realClock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await slow).bytes.equals(MEBIBYTE)).toBe(true);
  });

  it('ends with a client that leaves, and keeps nothing of its upload', async () => {
    const realClock = new HastyClock();
    const { port, send, lines } = await startRestServer({ realClock, buckets: { open: 'public-read-write' } });
    const headers = { ...LIMIT, 'content-length': String(MEBIBYTE.length) };
    const outgoing = request({ host: '127.0.0.1', port, method: 'PUT', path: '/open/key', headers });
    outgoing.on('error', () => {});
    outgoing.write(MEBIBYTE.subarray(0, 500_000));
    await once(realClock, 'timer');
    outgoing.destroy();
    while (!lines.some((line) => line.includes('IncompleteBody'))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await send('HEAD', '/open/key')).status).toBe(404);
  });
});
