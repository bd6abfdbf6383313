import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { startTestEmulator } from '../support/emulator.ts';

const PRIVATE = { buckets: [{ name: 'examplebucket', acl: 'private' }] } as const;
const BAD_SIGNATURE = {
  authorization: 'OSS emulator-ak:AAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  date: new Date(0).toUTCString(),
};

async function start(auth: 'strict' | 'loose' | 'off') {
  const logged: string[] = [];
  const log = createLog('info', (line) => logged.push(line), Date.now);
  const { port, endpoint } = await startTestEmulator({ ...PRIVATE, auth }, { log });
  const get = async (headers: Record<string, string> = {}) =>
    (await fetch(`${endpoint}/examplebucket/test-channel?live`, { headers })).status;
  const publish = async (query: string) => {
    const publisher = await RtmpPublisher.publish(`rtmp://127.0.0.1:${port}/examplebucket/live/test-channel${query}`);
    publisher.destroy();
    await publisher.closed;
  };
  return { get, publish, logged };
}

const WRONG_URL = '?OSSAccessKeyId=emulator-ak&Expires=4102444800&Signature=AAAA';

describe('--auth', () => {
  it('strict refuses what is not signed well', async () => {
    const { get, publish } = await start('strict');
    expect(await get()).toBe(403);
    expect(await get(BAD_SIGNATURE)).toBe(403);
    await expect(publish(WRONG_URL)).rejects.toThrow(/SignatureDoesNotMatch 0002-00000807/);
  });

  it('loose lets a bad signature through, says so, and leaves the anonymous to the ACL', async () => {
    const { get, publish, logged } = await start('loose');
    expect(await get(BAD_SIGNATURE)).toBe(200);
    await publish(WRONG_URL);
    const letThrough = logged.filter((line) => line.includes('auth.let-through'));
    expect(letThrough).toHaveLength(2);
    expect(letThrough[0]).toContain('code=RequestTimeTooSkewed');
    expect(letThrough[1]).toContain('code=SignatureDoesNotMatch');
    expect(await get()).toBe(403);
  });

  it('off asks nobody', async () => {
    const { get, publish, logged } = await start('off');
    expect(await get()).toBe(200);
    await publish('');
    expect(logged.join('\n')).not.toContain('auth.let-through');
  });
});
