import { randomBytes } from 'node:crypto';
import OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { type EmulatorOptions, type FaultRule, type RunningEmulator, startEmulator } from '../../src/index.ts';
import { describeWith } from '../support/tools.ts';

const OPEN: EmulatorOptions = { buckets: ['media:public-read-write'] };

function fired(emulator: RunningEmulator): readonly string[] {
  return emulator.events.since(0).flatMap((event) => (event.type === 'fault.fired' ? [event.phase] : []));
}

async function withFault(rule: FaultRule): Promise<RunningEmulator> {
  const emulator = await startEmulator(OPEN);
  await fetch(`${emulator.endpoint}/media/big`, { method: 'PUT', body: randomBytes(100_000) });
  emulator.faults.add(rule);
  return emulator;
}

describe('a REST operation', () => {
  it('answers with the code and status of a rule, as the service writes it, so often as it says', async () => {
    await using emulator = await withFault({
      match: { operation: 'PutLiveChannel' },
      effect: { code: 'MetaOperationQpsLimitExceeded', message: 'Too fast.' },
      count: 1,
    });
    const client = new OSS(emulator.aliOssOptions);
    const config = {
      Description: '',
      Status: 'enabled' as const,
      Target: { Type: 'HLS', FragDuration: 2, FragCount: 3 },
    };
    const put = () => client.putChannel('cam', config as OSS.PutChannelConf);
    await expect(put()).rejects.toMatchObject({ code: 'MetaOperationQpsLimitExceeded', status: 503 });
    await put();
    expect(fired(emulator)).toEqual(['request']);
  });

  it('waits for the clock', async () => {
    await using emulator = await withFault({ match: { key: 'bi*' }, effect: { delayMs: 5_000 } });
    emulator.clock.freeze();
    const striking = emulator.events.waitFor('fault.fired');
    let answered = false;
    const answer = fetch(`${emulator.endpoint}/media/big`).then(async (response) => {
      answered = true;
      return (await response.arrayBuffer()).byteLength;
    });
    await striking;
    await emulator.clock.advance(4_999);
    expect(answered).toBe(false);
    await emulator.clock.advance(1);
    expect(await answer).toBe(100_000);
  });

  it('has its connection reset', async () => {
    await using emulator = await withFault({ match: { operation: 'GetObject' }, effect: { reset: true } });
    await expect(fetch(`${emulator.endpoint}/media/big`)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  });

  it('is cut in the middle of its body, under the length of the whole', async () => {
    await using emulator = await withFault({ match: { key: 'big' }, effect: { cutBodyAfterBytes: 30_000 } });
    const response = await fetch(`${emulator.endpoint}/media/big`);
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '100000']);
    let receivedBytes = 0;
    const reading = (async () => {
      for await (const chunk of response.body ?? []) receivedBytes += chunk.length;
    })();
    await expect(reading).rejects.toThrow();
    expect(receivedBytes).toBe(30_000);
  });

  it('has its body slowed down', async () => {
    await using emulator = await withFault({ match: { key: 'big' }, effect: { bytesPerSec: 10_000 } });
    emulator.clock.freeze();
    const response = await fetch(`${emulator.endpoint}/media/big`);
    let receivedBytes = 0;
    const whole = (async () => {
      for await (const chunk of response.body ?? []) receivedBytes += chunk.length;
    })();
    await emulator.clock.advance(5_000);
    await expect.poll(() => receivedBytes).toBeGreaterThan(30_000);
    expect(receivedBytes).toBeLessThan(55_000);
    await emulator.clock.advance(5_000);
    await whole;
    expect(receivedBytes).toBe(100_000);
  });

  it('finds the disk full, and leaves nothing behind', async () => {
    for (const phase of ['object.write', 'metadata.write'] as const) {
      await using emulator = await withFault({ match: { phase, key: 'new' }, effect: { diskFull: true }, count: 1 });
      const put = () => fetch(`${emulator.endpoint}/media/new`, { method: 'PUT', body: 'x' });
      expect((await put()).status).toBe(500);
      expect((await fetch(`${emulator.endpoint}/media/new`)).status).toBe(404);
      expect((await put()).status).toBe(200);
      expect(fired(emulator)).toEqual([phase]);
    }
  });
});

describe('a push', () => {
  it('is refused at connect and at publish, with the reason in an event', async () => {
    await using emulator = await startEmulator(OPEN);
    const { id } = emulator.faults.add({
      match: { phase: 'rtmp.connect', bucket: 'media' },
      effect: { code: 'UserDisable' },
    });
    await expect(emulator.publish({ channel: 'cam' })).rejects.toThrow('NetConnection.Connect.Rejected: UserDisable');
    emulator.faults.remove(id);
    emulator.faults.add({
      match: { phase: 'rtmp.publish', channel: 'cam' },
      effect: { code: 'InternalError' },
      count: 1,
    });
    await expect(emulator.publish({ channel: 'cam' })).rejects.toThrow('NetStream.Publish.Denied: InternalError');
    const refusals = emulator.events.since(0).filter(({ type }) => type === 'publish.refused');
    expect(refusals).toMatchObject([
      { bucket: 'media', code: 'NetConnection.Connect.Rejected' },
      { bucket: 'media', channel: 'cam', reason: expect.stringContaining('fault rule') },
    ]);
    (await emulator.publish({ channel: 'cam' })).kill();
  });

  it('waits at publish, by the clock', async () => {
    await using emulator = await startEmulator(OPEN);
    emulator.faults.add({ match: { phase: 'rtmp.publish' }, effect: { delayMs: 3_000 }, count: 1 });
    emulator.clock.freeze();
    const striking = emulator.events.waitFor('fault.fired');
    const pushing = emulator.publish({ channel: 'cam', durationSec: 1, speed: 'max' });
    await striking;
    const accepted = emulator.events.waitFor('publish.accepted');
    await emulator.clock.advance(3_000);
    expect((await accepted).atMs).toBe(emulator.clock.now());
    await (await pushing).done;
  });

  it('is reset in mid-stream; what came through is stored', async () => {
    await using emulator = await startEmulator(OPEN);
    emulator.faults.add({
      match: { phase: 'rtmp.message', channel: 'cam' },
      effect: { reset: true },
      skip: 500,
      count: 1,
    });
    const push = await emulator.publish({ channel: 'cam', durationSec: 3_600, speed: 'max' });
    await expect(push.done).rejects.toThrow();
    expect(push.state).toBe('failed');
    const ended = await emulator.events.waitFor('publish.ended', undefined, { after: 0 });
    expect(ended.cause).toBe('disconnected');
    const stored = emulator.events.since(0).filter(({ type }) => type === 'fragment.stored');
    expect(stored.length).toBeGreaterThan(0);
  });

  it('freezes: the idle limit ends it, unless it thaws in time', async () => {
    await using emulator = await startEmulator(OPEN);
    emulator.clock.freeze();
    const rule: FaultRule = {
      match: { phase: 'rtmp.message' },
      effect: { freezePublisher: true },
      skip: 100,
      count: 1,
    };
    const first = emulator.faults.add(rule);
    const striking = emulator.events.waitFor('fault.fired');
    const thawing = await emulator.publish({ channel: 'cam', durationSec: 20 });
    await emulator.clock.advance(8_000);
    await striking;
    expect(fired(emulator)).toHaveLength(1);
    emulator.faults.remove(first.id);
    await emulator.clock.advance(15_000);
    await thawing.done;

    emulator.faults.add(rule);
    const ended = emulator.events.waitFor('publish.ended', undefined, { after: emulator.events.lastId });
    const freezing = await emulator.publish({ channel: 'cam', durationSec: 60 });
    await emulator.clock.advance(20_000);
    expect((await ended).cause).toBe('idle');
    await expect(freezing.done).rejects.toThrow();
  });

  it('loses its segmenter, and with it the push', async () => {
    await using emulator = await startEmulator(OPEN);
    await losesItsSegmenter(emulator);
  });

  it('finds the disk full at its second fragment; the first is listed', async () => {
    await using emulator = await startEmulator(OPEN);
    const match = { phase: 'object.write', channel: 'cam', key: 'cam/1*' } as const;
    emulator.faults.add({ match, effect: { diskFull: true }, skip: 1 });
    const push = await emulator.publish({ channel: 'cam', durationSec: 600, speed: 'max' });
    await expect(push.done).rejects.toThrow('the recorder failed');
    const ended = await emulator.events.waitFor('publish.ended', undefined, { after: 0 });
    const [stored] = emulator.events.since(0).flatMap((event) => (event.type === 'fragment.stored' ? [event] : []));
    expect(ended.lostFragments).toBeGreaterThan(0);
    // Each fragment of the clip is as long as the first one; the last one is what had come of it.
    expect(ended.lostMs).toBeLessThanOrEqual((ended.lostFragments ?? 0) * (stored?.durationMs ?? 0));
    expect(ended.lostMs).toBeGreaterThan(((ended.lostFragments ?? 0) - 1) * (stored?.durationMs ?? 0));
    emulator.faults.clear();
    const playlist = await fetch(`${emulator.endpoint}/media/cam/playlist.m3u8`);
    expect((await playlist.text()).match(/#EXTINF/g)).toHaveLength(1);
    await (await emulator.publish({ channel: 'cam', durationSec: 2, speed: 'max' })).done;
  });

  it('of a stream tells how much of its recording was lost', async () => {
    await using emulator = await startEmulator({ ...OPEN, liveRecordBucket: 'media' });
    emulator.faults.add({ match: { phase: 'object.write', bucket: 'media' }, effect: { diskFull: true }, skip: 1 });
    const url = `rtmp://127.0.0.1:${emulator.port}/app/s1`;
    const push = await emulator.publish({ url, durationSec: 600, speed: 'max' });
    await expect(push.done).rejects.toThrow('the recorder failed');
    const ended = await emulator.events.waitFor('live.ended', undefined, { after: 0 });
    expect(ended.lostFragments).toBeGreaterThan(0);
    expect(ended.lostMs).toBeGreaterThan(0);
  });

  it('is not touched by a rule for another channel', async () => {
    await using emulator = await startEmulator(OPEN);
    emulator.faults.add({ match: { phase: 'rtmp.message', channel: 'other' }, effect: { reset: true } });
    await (await emulator.publish({ channel: 'cam', speed: 'max' })).done;
    expect(fired(emulator)).toEqual([]);
    const ended = await emulator.events.waitFor('publish.ended', undefined, { after: 0 });
    expect(ended).not.toHaveProperty('lostFragments');
  });
});

describeWith(['ffmpeg'], 'a push through ffmpeg', () => {
  it('loses it, and with it the push', async () => {
    await using emulator = await startEmulator({ ...OPEN, segmenter: 'ffmpeg', ffmpeg: 'ffmpeg' });
    await losesItsSegmenter(emulator);
  });
});

async function losesItsSegmenter(emulator: RunningEmulator): Promise<void> {
  emulator.faults.add({ match: { phase: 'segmenter' }, effect: { crashFfmpeg: true }, skip: 400, count: 1 });
  const push = await emulator.publish({ channel: 'cam', durationSec: 3_600, speed: 'max' });
  await expect(push.done).rejects.toThrow('the segmenter failed');
  const { channel } = await emulator.events.waitFor('publish.ended', undefined, { after: 0 });
  expect(channel).toBe('cam');
  await (await emulator.publish({ channel: 'cam', durationSec: 2, speed: 'max' })).done;
}
