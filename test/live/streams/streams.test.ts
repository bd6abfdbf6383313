import { describe, expect, it } from 'vitest';
import { signAuthKey } from '../../../src/aliyun/auth/auth-key.ts';
import { turnOfTheLoop } from '../../../src/base/turn-of-the-loop.ts';
import { isStreamName } from '../../../src/live/streams/stream-name.ts';
import { RETRY_DELAY_MS } from '../../../src/storage/metadata/pending-writes.ts';
import { at, type Bench, NOON_MS, openBench } from '../bench.ts';

const STREAM = { DomainName: 'example.com', AppName: 'app', StreamName: 's1' };

describe('a push', () => {
  it.each(['s1', 'a.b-c_d', 'ä 1', 'x'.repeat(255)])('may be called %j', (name) => {
    expect(isStreamName(name)).toBe(true);
  });

  it.each(['', 'a/b', 'a?b', 'a#b', 'a&b', 'a%b', 'a\nb', 'a\0', 'x'.repeat(256), 'ä'.repeat(128)])(
    'may not be called %j',
    async (name) => {
      expect(isStreamName(name)).toBe(false);
      const bench = await openBench();
      await expect(bench.publish('app', name)).rejects.toMatchObject({ code: 'NetStream.Publish.BadName' });
      await expect(bench.publish(name, 's1')).rejects.toMatchObject({ code: 'NetStream.Publish.BadName' });
    },
  );

  it('is refused while another publishes the stream; the first goes on', async () => {
    const bench = await openBench();
    const first = await bench.publish('app', 's1');
    await expect(bench.publish('app', 's1')).rejects.toMatchObject({ code: 'NetStream.Publish.BadName' });
    expect(first.cuts).toEqual([]);
    await first.end();
    await bench.publish('app', 's1');
  });

  it('of two at once is admitted once', async () => {
    const bench = await openBench();
    const outcomes = await Promise.allSettled([bench.publish('app', 's1'), bench.publish('app', 's1')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});

describe('the list of pushes', () => {
  const period = { DomainName: 'example.com', StartTime: at(-86_400), EndTime: at(86_400) };
  const timesOf = async (bench: Bench) => {
    const { body } = await bench.call('DescribeLiveStreamsPublishList', period);
    return body.PublishInfo.LiveStreamPublishInfo.map((info: Record<string, string>) => [
      info.PublishTime,
      info.StopTime,
    ]);
  };

  it('has pushes as long as they lasted, also when the clock was set back', async () => {
    const bench = await openBench();
    const stream = await bench.publish('app', 's1');
    bench.clock.advance(60_000);
    bench.clock.set(NOON_MS - 7_200_000);
    bench.clock.advance(5_000);
    await stream.end();
    expect(await timesOf(bench)).toEqual([[at(0), at(65)]]);
  });

  it('gets the end of a push as soon as the store can write; the stream is free before', async () => {
    const bench = await openBench();
    const stream = await bench.publish('app', 's1');
    bench.clock.advance(10_000);
    const { putDocument } = bench.metadata;
    bench.metadata.putDocument = () => Promise.reject(new Error('ENOSPC'));
    await stream.end();
    expect(bench.publishing.size).toBe(0);
    bench.metadata.putDocument = putDocument;
    expect(await timesOf(bench)).toEqual([[at(0), '']]);
    bench.clock.advance(RETRY_DELAY_MS);
    await turnOfTheLoop();
    expect(await timesOf(bench)).toEqual([[at(0), at(10)]]);
  });
});

describe('auth_key', () => {
  const keys = [
    { domain: 'push.example.com', key: 'MainKey123456789' },
    { domain: 'push.example.com', key: 'SecondKey1234567' },
  ];
  const push = (bench: Bench, authKey: string | undefined, domain = 'push.example.com') =>
    bench.publish('app', 's1', { authKey, source: { kind: 'stream', domain, app: 'app', stream: 's1' } });

  it.each(keys)('of $key is good until its time', async ({ key }) => {
    const bench = await openBench({ authKeys: keys });
    const authKey = signAuthKey('/app/s1', NOON_MS / 1000 + 60, 'r', '0', key);
    const stream = await push(bench, authKey);
    await stream.end();
    bench.clock.advance(60_000);
    await (await push(bench, authKey)).end();
    bench.clock.advance(1);
    await expect(push(bench, authKey)).rejects.toMatchObject({
      code: 'NetStream.Publish.Unauthorized',
      reason: expect.stringContaining('expired'),
    });
  });

  it.each([
    ['none', undefined, 'not none'],
    ['no auth_key at all', 'x', 'not this'],
    ['that of another path', signAuthKey('/app/s2', NOON_MS / 1000 + 60, '0', '0', 'MainKey123456789'), 'md5'],
  ])('is refused: %s', async (_, authKey, reason) => {
    const bench = await openBench({ authKeys: keys });
    await expect(push(bench, authKey)).rejects.toMatchObject({
      code: 'NetStream.Publish.Unauthorized',
      message: expect.stringMatching(/^The auth_key is not valid: ./),
      reason: expect.stringContaining(reason),
    });
  });

  it('to play is that of the domain played from; by any other host, that of the domain pushed to', async () => {
    const bench = await openBench({ authKeys: [...keys, { domain: 'play.example.com', key: 'PlayKey123456789' }] });
    const sign = (path: string, key: string) => signAuthKey(path, NOON_MS / 1000 + 60, '0', '0', key);
    await push(bench, sign('/app/s1', 'MainKey123456789'));
    const play = (host: string, key: string) => () =>
      bench.live.watching.find({
        host,
        app: 'app',
        name: 's1',
        extension: '.flv',
        authKey: sign('/app/s1.flv', key),
      });
    expect(play('play.example.com', 'PlayKey123456789')()).toBeDefined();
    expect(play('127.0.0.1', 'SecondKey1234567')()).toBeDefined();
    expect(play('play.example.com', 'MainKey123456789')).toThrow(expect.objectContaining({ status: 403 }));
    expect(play('127.0.0.1', 'PlayKey123456789')).toThrow(expect.objectContaining({ status: 403 }));
  });

  it('is not asked for in a domain without a key', async () => {
    const bench = await openBench({ authKeys: keys });
    await push(bench, undefined, 'other.example.com');
  });
});

describe('the online list', () => {
  it('shows who publishes what', async () => {
    const bench = await openBench();
    await bench.publish('app', 's1');
    const { body } = await bench.call('DescribeLiveStreamsOnlineList', { DomainName: 'Example.com' });
    expect(body).toMatchObject({ PageNum: 1, PageSize: 2000, TotalNum: 1, TotalPage: 1 });
    for (const [PageSize, expected] of [
      ['0', 1],
      ['3000', 3000],
      ['3001', 3000],
    ] as const) {
      const page = await bench.call('DescribeLiveStreamsOnlineList', { DomainName: 'example.com', PageSize });
      expect(page.body.PageSize).toBe(expected);
    }
    expect(body.OnlineInfo.LiveStreamOnlineInfo).toEqual([
      {
        DomainName: 'example.com',
        AppName: 'app',
        StreamName: 's1',
        PublishTime: at(0),
        PublishUrl: 'rtmp://127.0.0.1/app/s1',
        PublishDomain: '127.0.0.1',
        PublishType: 'edge',
        Transcoded: 'no',
        ClientIp: '192.0.2.7',
        ServerIp: '127.0.0.1',
        Width: 640,
        Height: 360,
        FrameRate: 25,
        VideoCodecId: 7,
        VideoDataRate: 8,
      },
    ]);
  });

  it('is filtered by parts of names, or by whole ones', async () => {
    const bench = await openBench();
    for (const stream of ['one', 'two', 'twenty']) await bench.publish('app', stream);
    const count = async (parameters: Readonly<Record<string, string>>) =>
      (await bench.call('DescribeLiveStreamsOnlineList', { DomainName: 'example.com', ...parameters })).body.TotalNum;
    expect(await count({ StreamName: 'tw' })).toBe(2);
    expect(await count({ StreamName: 'tw', QueryType: 'strict' })).toBe(0);
    expect(await count({ StreamName: 'two', QueryType: 'strict', AppName: 'app' })).toBe(1);
    expect(await count({ AppName: 'other' })).toBe(0);
    expect(await count({ StreamType: 'raw' })).toBe(3);
    expect(await count({ StreamType: 'trans' })).toBe(0);
    expect((await bench.call('DescribeLiveStreamsOnlineList', { DomainName: 'x', QueryType: 'y' })).body.Code).toBe(
      'InvalidParams',
    );
  });

  it('has those of one domain', async () => {
    const bench = await openBench();
    const source = { kind: 'stream', domain: 'push.example.com', app: 'app', stream: 's1' } as const;
    await bench.publish('app', 's1', { source });
    const count = async (DomainName: string) =>
      (await bench.call('DescribeLiveStreamsOnlineList', { DomainName })).body.TotalNum;
    expect([await count('example.com'), await count('push.example.com'), await count('example.org')]).toEqual([
      1, 1, 0,
    ]);
  });

  it('agrees with the state of a stream', async () => {
    const bench = await openBench();
    const state = async () => (await bench.call('DescribeLiveStreamState', STREAM)).body.StreamState;
    const stream = await bench.publish('app', 's1');
    expect(await state()).toBe('online');
    await stream.end();
    expect(await state()).toBe('offline');
  });
});

describe('the publish list', () => {
  it('has the pushes of a period, in four orders', async () => {
    const bench = await openBench();
    for (const name of ['b', 'c', 'a']) {
      const stream = await bench.publish('app', name);
      bench.clock.advance(10_000);
      if (name !== 'a') await stream.end();
    }
    const list = async (parameters: Readonly<Record<string, string>> = {}) => {
      const period = { DomainName: 'example.com', StartTime: at(0), EndTime: at(60) };
      const { body } = await bench.call('DescribeLiveStreamsPublishList', { ...period, ...parameters });
      return body.PublishInfo?.LiveStreamPublishInfo.map(({ StreamName }: { StreamName: string }) => StreamName);
    };
    expect(await list()).toEqual(['b', 'c', 'a']);
    expect(await list({ OrderBy: 'publish_time_desc' })).toEqual(['a', 'c', 'b']);
    expect(await list({ OrderBy: 'stream_name_asc' })).toEqual(['a', 'b', 'c']);
    expect(await list({ OrderBy: 'stream_name_desc', PageSize: '1', PageNumber: '2' })).toEqual(['b']);
    expect(await list({ StartTime: at(11), EndTime: at(19) })).toEqual(['c']);
    expect(await list({ StartTime: at(25) })).toEqual(['a']);
    expect(await list({ EndTime: at(31 * 86_400) })).toBeUndefined();
    const { body } = await bench.call('DescribeLiveStreamsPublishList', {
      DomainName: 'example.com',
      StartTime: at(0),
      EndTime: at(60),
      StreamName: 'b',
    });
    expect(body.PublishInfo.LiveStreamPublishInfo).toEqual([
      expect.objectContaining({
        PublishTime: at(0),
        StopTime: at(10),
        StreamUrl: 'rtmp://example.com/app/b',
        ClientAddr: '192.0.2.7',
        EdgeNodeAddr: '127.0.0.1',
        TranscodeId: '',
        Transcoded: 'no',
      }),
    ]);
  });
});

describe('a forbidden stream', () => {
  const forbid = (bench: Bench, parameters: Readonly<Record<string, string>> = {}) =>
    bench.call('ForbidLiveStream', { ...STREAM, LiveStreamType: 'publisher', ...parameters });
  const blocked = async (bench: Bench) =>
    (await bench.call('DescribeLiveStreamsBlockList', { DomainName: 'example.com' })).body.StreamUrls.StreamUrl;

  it('is cut and kept out until it is resumed', async () => {
    const bench = await openBench();
    const stream = await bench.publish('app', 's1');
    expect((await forbid(bench)).status).toBe(200);
    expect(stream.cuts).toEqual(['NetStream.Publish.Denied']);
    await stream.end();
    expect(await blocked(bench)).toEqual(['example.com/app/s1']);
    await expect(bench.publish('app', 's1')).rejects.toMatchObject({ code: 'NetStream.Publish.Denied' });
    expect((await forbid(bench)).body.Code).toBe('ConfigAlreadyExists');
    await bench.call('ResumeLiveStream', { ...STREAM, AppName: '*', LiveStreamType: 'publisher' });
    expect(await blocked(bench)).toEqual([]);
    await bench.publish('app', 's1');
  });

  it('is kept out over a restart, until ResumeTime', async () => {
    const bench = await openBench();
    await forbid(bench, { ResumeTime: at(60) });
    await bench.reopen();
    bench.clock.advance(59_999);
    await expect(bench.publish('app', 's1')).rejects.toMatchObject({ code: 'NetStream.Publish.Denied' });
    bench.clock.advance(1);
    await bench.publish('app', 's1');
    expect(await blocked(bench)).toEqual([]);
    expect((await forbid(bench)).status).toBe(200);
  });

  it('is only cut, if once is enough', async () => {
    const bench = await openBench();
    const stream = await bench.publish('app', 's1');
    await forbid(bench, { Oneshot: 'yes' });
    expect(stream.cuts).toEqual(['NetStream.Publish.Denied']);
    await stream.end();
    await bench.publish('app', 's1');
  });

  it.each([
    [{ ResumeTime: 'soon' }, 'InvalidResumeTime.Malformed'],
    [{ ResumeTime: at(-1) }, 'InvalidResumeTime.Malformed'],
    [{ LiveStreamType: 'viewer' }, 'InvalidParams'],
    [{ LiveStreamType: '' }, 'MissingLiveStreamType'],
  ])('is not forbidden with %j', async (parameters, code) => {
    const bench = await openBench();
    expect((await forbid(bench, parameters)).body.Code).toBe(code);
    expect(await blocked(bench)).toEqual([]);
  });
});
