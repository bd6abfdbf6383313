import { describe, expect, it } from 'vitest';
import { openBench } from '../bench.ts';

describe('a domain', () => {
  it('reaches what was pushed to it, to nowhere, or one label below', async () => {
    const { domains } = (await openBench()).live;
    expect(domains.reaches('example.com', '*')).toBe(true);
    expect(domains.reaches('example.com', 'example.com')).toBe(true);
    expect(domains.reaches('example.com', 'push.example.com')).toBe(true);
    expect(domains.reaches('example.com', 'a.push.example.com')).toBe(false);
    expect(domains.reaches('example.com', 'push.example.org')).toBe(false);
  });

  it('reaches what it is mapped to, and then nothing else', async () => {
    const bench = await openBench();
    await bench.call('AddLiveDomainMapping', { PullDomain: 'play.test', PushDomain: 'push.example.com' });
    const { domains } = bench.live;
    expect(domains.reaches('play.test', 'push.example.com')).toBe(true);
    expect(domains.reaches('push.example.com', 'play.test')).toBe(true);
    expect(domains.reaches('example.com', 'push.example.com')).toBe(false);
    expect(
      ['play.test', 'push.example.com', 'a.live.localhost', 'x.test'].map((name) => domains.isKnown(name)),
    ).toEqual([true, true, true, false]);
    const mapping = await bench.call('DescribeLiveDomainMapping', { DomainName: 'play.test' });
    expect(mapping.body.LiveDomainModels.LiveDomainModel).toEqual([
      { DomainName: 'push.example.com', Type: 'publish' },
    ]);
    const reverse = await bench.call('DescribeLiveDomainMapping', { DomainName: 'push.example.com' });
    expect(reverse.body.LiveDomainModels.LiveDomainModel).toEqual([{ DomainName: 'play.test', Type: 'vhost' }]);
  });

  it('of a push is added as long as there are fewer than a thousand; a caller may add more', async () => {
    const { domains } = (await openBench()).live;
    for (let n = 0; n < 1_002; n++) await domains.addPushed(`d${n}.example.com`);
    expect(domains.list()).toHaveLength(1_000);
    await domains.add('called.example.com', { type: 'liveVideo', region: '' });
    expect(domains.isKnown('called.example.com')).toBe(true);
  });

  it('is added, listed and kept over a restart', async () => {
    const bench = await openBench();
    const added = { DomainName: 'Play.Test', LiveDomainType: 'liveVideo', Region: 'cn-shanghai' };
    expect((await bench.call('AddLiveDomain', added)).status).toBe(200);
    expect((await bench.call('AddLiveDomain', { ...added, LiveDomainType: 'x' })).body.Code).toBe('InvalidParams');
    await bench.reopen();
    expect(bench.live.domains.isKnown('play.test')).toBe(true);
    const list = await bench.call('DescribeLiveUserDomains', { DomainName: 'test' });
    expect(list.body).toMatchObject({ TotalCount: 1, PageNumber: 1 });
    expect(list.body.Domains.PageData[0]).toMatchObject({ DomainName: 'play.test', RegionName: 'cn-shanghai' });
    const detail = await bench.call('DescribeLiveDomainDetail', { DomainName: 'play.test' });
    expect(detail.body.DomainDetail).toMatchObject({ LiveDomainType: 'liveVideo', LiveDomainStatus: 'online' });
  });

  it('must be configured or added, where any is configured', async () => {
    const bench = await openBench({ domains: ['Play.Test'] });
    const refused = await bench.call('DescribeLiveStreamsOnlineList', { DomainName: 'example.com' });
    expect(refused).toMatchObject({
      status: 404,
      body: {
        Code: 'InvalidDomain.NotFound',
        Message: 'The domain provided does not exist in our records.',
      },
    });
    expect((await bench.call('DescribeLiveStreamsOnlineList', { DomainName: 'play.test' })).status).toBe(200);
    const source = { kind: 'stream', domain: 'example.com', app: 'app', stream: 's1' } as const;
    await expect(bench.publish('app', 's1', { source })).rejects.toMatchObject({ code: 'NetStream.Publish.Denied' });
    const added = { DomainName: 'example.com', LiveDomainType: 'liveEdge', Region: 'cn-shanghai' };
    await bench.call('AddLiveDomain', added);
    await bench.publish('app', 's1', { source });
    expect((await bench.call('DescribeLiveStreamsOnlineList', { DomainName: 'example.com' })).body.TotalNum).toBe(1);
  });
});
