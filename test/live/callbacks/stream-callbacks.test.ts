import { describe, expect, it } from 'vitest';
import type { EmulatorEvent } from '../../../src/events/events.ts';
import { callbackSignature } from '../../../src/live/callbacks/outbox.ts';
import { RPC_VECTORS } from '../../aliyun/auth/rpc-vectors.ts';
import { type HttpReceiver, receiveHttp } from '../../support/http-receiver.ts';
import { at, type Bench, NOON_MS, openBench, recordConfig } from '../bench.ts';

async function openNotified(
  { url }: Pick<HttpReceiver, 'url'>,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Bench> {
  const bench = await openBench();
  const config = { DomainName: 'example.com', NotifyUrl: `${url}/hook?own=1`, ...parameters };
  expect((await bench.call('SetLiveStreamsNotifyUrlConfig', config)).status).toBe(200);
  return bench;
}

const records = async (bench: Bench) => {
  const period = { DomainName: 'example.com', StartTime: at(-60), EndTime: at(600) };
  const { body } = await bench.call('DescribeLiveStreamsNotifyRecords', period);
  return body.NotifyRecordsInfo.LiveStreamNotifyRecordsInfo;
};

describe('a stream callback', () => {
  it('tells of a stream that lasted two seconds, and of its end', async () => {
    const target = await receiveHttp();
    const bench = await openNotified(target);
    const stream = await bench.publish('app', 's1');
    bench.clock.advance(1_999);
    expect(target.received).toEqual([]);
    const published = bench.events.waitFor('live.callback-delivered');
    bench.clock.advance(1);
    await published;
    const done = bench.events.waitFor('live.callback-delivered');
    await stream.end();
    await done;
    const common = { ip: '192.0.2.7', id: 's1', app: '127.0.0.1', appname: 'app', node: '127.0.0.1', own: '1' };
    const time = String(NOON_MS / 1000 + 2);
    expect(target.received.map(({ method, query }) => ({ method, query }))).toEqual([
      { method: 'GET', query: { ...common, action: 'publish', time, usrargs: 'k=v', width: '640', height: '360' } },
      { method: 'GET', query: { ...common, action: 'publish_done', time, usrargs: 'k=v' } },
    ]);
    expect(await records(bench)).toMatchObject([
      { NotifyType: 'publish_done', NotifyResult: 'success', NotifyResponse: '200 ok', StreamName: 's1' },
      { NotifyType: 'publish' },
    ]);
  });

  it('does not mention a stream that was gone before', async () => {
    const target = await receiveHttp();
    const bench = await openNotified(target);
    await (await bench.publish('app', 'short')).end();
    const delivered = bench.events.waitFor('live.callback-delivered');
    await bench.publish('app', 'long');
    bench.clock.advance(10_000);
    await delivered;
    expect(target.received.map(({ query }) => query.id)).toEqual(['long']);
  });

  it('is signed if that is wanted', async () => {
    const target = await receiveHttp();
    const key = 'TestNotifyKey0001';
    const bench = await openNotified(target, { NotifyReqAuth: 'yes', NotifyAuthKey: key });
    await bench.publish('app', 's1');
    const request = target.request(1);
    bench.clock.advance(2_000);
    const { headers } = await request;
    const signed = callbackSignature('example.com', NOON_MS / 1000 + 2, key);
    expect(headers['ali-live-timestamp']).toBe(signed['ALI-LIVE-TIMESTAMP']);
    expect(headers['ali-live-signature']).toBe(signed['ALI-LIVE-SIGNATURE']);
  });

  it.each(RPC_VECTORS.liveCallback)('has the documented signature', ({ domain, timestamp, key, signature }) => {
    expect(callbackSignature(domain, Number(timestamp), key)).toEqual({
      'ALI-LIVE-TIMESTAMP': timestamp,
      'ALI-LIVE-SIGNATURE': signature,
    });
  });

  it('is tried five times, a second apart, and then dropped', async () => {
    const target = await receiveHttp((response) => response.writeHead(503).end('busy'));
    const bench = await openNotified(target);
    await bench.publish('app', 's1');
    let failed = bench.events.waitFor('live.callback-retried');
    bench.clock.advance(2_000);
    for (let attempt = 1; attempt < 5; attempt++) {
      expect(await failed).toMatchObject({ attempt, reason: '503 busy' });
      expect(target.received).toHaveLength(attempt);
      failed = bench.events.waitFor('live.callback-retried');
      const last = bench.events.waitFor('live.callback-failed');
      bench.clock.advance(1_000);
      if (attempt === 4) expect(await last).toMatchObject({ attempts: 5, reason: '503 busy', action: 'publish' });
    }
    expect(target.received).toHaveLength(5);
    expect(await records(bench)).toMatchObject([{ NotifyResult: 'failed', Description: '5 attempts' }]);
  });

  it('of a target that hangs is given up after five seconds, and holds nobody up', async () => {
    const target = await receiveHttp(() => {});
    const bench = await openNotified(target);
    const stream = await bench.publish('app', 's1');
    const request = target.request(1);
    bench.clock.advance(2_000);
    await request;
    const retried = bench.events.waitFor('live.callback-retried');
    bench.clock.advance(5_000);
    expect(await retried).toMatchObject({ reason: 'no answer in 5000 ms' });
    await stream.end();
    await bench.publish('app', 's1');
  });

  it('that cannot be delivered says why', async () => {
    const bench = await openNotified({ url: 'http://127.0.0.1:1' });
    await bench.publish('app', 's1');
    const retried = bench.events.waitFor('live.callback-retried');
    bench.clock.advance(2_000);
    expect((await retried).reason).not.toBe('fetch failed');
  });
});

describe('callbacks that wait', { timeout: 60_000 }, () => {
  const MAX_PENDING = 1_000;
  const publishMany = async (bench: Bench, from: number, count: number) => {
    for (let index = from; index < from + count; index++) await bench.publish('app', `s${index}`);
    bench.clock.advance(2_000);
  };
  /** Resolves when so many attempts have ended since the beginning, with or without success. */
  const attempts = (bench: Bench, count: number) =>
    new Promise<void>((resolve) => {
      const isAttempt = ({ type }: EmulatorEvent) => type.startsWith('live.callback-');
      let left = count - bench.happened.filter(isAttempt).length;
      bench.events.subscribe((event) => isAttempt(event) && --left === 0 && resolve());
      if (left <= 0) resolve();
    });
  /** Resolves with the next event about the callback of a stream. */
  const nextAbout = (bench: Bench, stream: string) =>
    new Promise<EmulatorEvent>((resolve) => {
      bench.events.subscribe((event) => {
        if (event.type.startsWith('live.callback-') && 'stream' in event && event.stream === stream) resolve(event);
      });
    });
  const failed = (bench: Bench) => bench.happened.filter(({ type }) => type === 'live.callback-failed');

  it('are a thousand at most; one more is given up at once, without an attempt', async () => {
    // Nothing listens on port 1: each waits for its second attempt, on a clock that stands still.
    const bench = await openNotified({ url: 'http://127.0.0.1:1' });
    await publishMany(bench, 0, MAX_PENDING);
    await attempts(bench, MAX_PENDING);
    expect(failed(bench)).toEqual([]);
    const next = nextAbout(bench, `s${MAX_PENDING}`);
    await publishMany(bench, MAX_PENDING, 1);
    expect(await next).toMatchObject({ type: 'live.callback-failed', attempts: 0 });
  });

  it('leave room for others when they are delivered', async () => {
    const bench = await openNotified(await receiveHttp());
    for (const round of [1, 2, 3]) {
      await publishMany(bench, round * 350, 350);
      await attempts(bench, round * 350);
      expect(failed(bench)).toEqual([]);
    }
  });
});

describe('a record callback', () => {
  it('tells of the recording and of its file', async () => {
    const target = await receiveHttp();
    const bench = await openBench();
    const config = { DomainName: 'example.com', NotifyUrl: target.url, NeedStatusNotify: 'true' };
    await bench.call('AddLiveRecordNotifyConfig', config);
    await bench.call('AddLiveAppRecordConfig', recordConfig({ DelayTime: '15' }));
    const about = { domain: 'example.com', app: 'app', stream: 's1' };
    /** Runs an action and returns the body of the callback that it caused. */
    const tell = async (action: () => unknown) => {
      const delivered = bench.events.waitFor('live.callback-delivered');
      await action();
      await delivered;
      const { method = '', headers = {}, body = '' } = target.received.at(-1) ?? {};
      expect([method, headers['content-type']]).toEqual(['POST', 'application/json']);
      return JSON.parse(body);
    };
    const first = await tell(() => bench.publish('app', 's1'));
    expect(first).toEqual({ ...about, event: 'record_started' });
    const stream = bench.publishing.get('live:*/app/s1');
    await stream?.slices(2);
    expect(await tell(() => stream?.end())).toEqual({ ...about, event: 'record_paused' });
    expect(await tell(() => bench.publish('app', 's1'))).toEqual({ ...about, event: 'record_resumed' });
    await tell(() => bench.publishing.get('live:*/app/s1')?.end());
    expect(await tell(() => bench.clock.advance(15_000))).toEqual({
      ...about,
      uri: 'file/app/s1/2026-03-01-12-00-00_2026-03-01-12-00-10.m3u8',
      duration: 10,
      start_time: NOON_MS / 1000,
      stop_time: NOON_MS / 1000 + 10,
    });
  });

  it('tells of files alone, unless more is wanted', async () => {
    const target = await receiveHttp();
    const bench = await openBench();
    await bench.call('AddLiveRecordNotifyConfig', { DomainName: 'example.com', NotifyUrl: target.url });
    await bench.call('AddLiveAppRecordConfig', recordConfig({ DelayTime: '15' }));
    const stream = await bench.publish('app', 's1');
    await stream.slices(1);
    await stream.end();
    const request = target.request(1);
    bench.clock.advance(15_000);
    expect(JSON.parse((await request).body).uri).toMatch(/\.m3u8$/);
    expect(target.received).toHaveLength(1);
  });
});

describe('callback configurations', () => {
  const DOMAIN = { DomainName: 'example.com' };

  it('of streams are set, described and deleted', async () => {
    const bench = await openBench();
    const config = { NotifyUrl: 'http://h/a', NotifyReqAuth: 'yes', NotifyAuthKey: '0123456789abcdef' };
    await bench.call('SetLiveStreamsNotifyUrlConfig', { ...DOMAIN, ...config });
    await bench.reopen();
    const { body } = await bench.call('DescribeLiveStreamsNotifyUrlConfig', DOMAIN);
    expect(body.LiveStreamsNotifyConfig).toEqual({ ...DOMAIN, ...config, ExceptionNotifyUrl: '' });
    await bench.call('DeleteLiveStreamsNotifyUrlConfig', DOMAIN);
    const after = await bench.call('DescribeLiveStreamsNotifyUrlConfig', DOMAIN);
    expect(after.body.LiveStreamsNotifyConfig).toMatchObject({ NotifyUrl: '', NotifyReqAuth: 'no' });
  });

  it('of recordings are added once, updated, described and deleted', async () => {
    const bench = await openBench();
    const config = { ...DOMAIN, NotifyUrl: 'https://h/a' };
    await bench.call('AddLiveRecordNotifyConfig', config);
    expect((await bench.call('AddLiveRecordNotifyConfig', config)).body.Code).toBe('ConfigAlreadyExists');
    await bench.call('UpdateLiveRecordNotifyConfig', {
      ...config,
      NeedStatusNotify: 'True',
      OnDemandUrl: 'http://h/b',
    });
    const { body } = await bench.call('DescribeLiveRecordNotifyConfig', DOMAIN);
    expect(body.LiveRecordNotifyConfig).toEqual({
      ...config,
      NeedStatusNotify: true,
      OnDemandUrl: 'http://h/b',
      NotifyReqAuth: false,
      NotifyAuthKey: '',
    });
    await bench.call('DeleteLiveRecordNotifyConfig', DOMAIN);
    const after = await bench.call('DescribeLiveRecordNotifyConfig', DOMAIN);
    expect(after.body.LiveRecordNotifyConfig.NotifyUrl).toBe('');
  });

  it.each([
    [{ NotifyUrl: 'ftp://h/' }, 'InvalidNotifyUrl.Malformed'],
    [{ NotifyUrl: 'nowhere' }, 'InvalidNotifyUrl.Malformed'],
    [{ NotifyReqAuth: 'yes' }, 'InvalidParams'],
    [{ NotifyReqAuth: 'yes', NotifyAuthKey: 'too short' }, 'InvalidParams'],
    [{ NotifyReqAuth: 'perhaps' }, 'InvalidParams'],
  ])('%j is refused', async (parameters, code) => {
    const bench = await openBench();
    const config = { ...DOMAIN, NotifyUrl: 'http://h/', ...parameters };
    expect((await bench.call('SetLiveStreamsNotifyUrlConfig', config)).body.Code).toBe(code);
  });
});
