import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ClipPush } from '../../src/control-plane/publisher/clip-push.ts';
import type { RtmpRefusedError } from '../../src/rtmp/client.ts';
import { channelConfig, startTestEmulator, type TestEmulator } from '../support/emulator.ts';
import { POSTGRES } from '../support/postgres.ts';
import { describeWith } from '../support/tools.ts';
import { type NodeProcess, startNode } from './node-process.ts';
import { pushTo, useSharedStores } from './shared-stores.ts';

const BUCKET = 'examplebucket';
const STREAM = { DomainName: 'play.test', AppName: 'show', StreamName: 'one' };

const refusalOf = (push: Promise<unknown>) => push.catch((error: RtmpRefusedError) => error);

/** The stop of a process is noticed after the time of a lease, which a test waits for more than once. */
const LIMIT_MS = 180_000;

const pathOf = ({ pathname, search }: URL) => `${pathname}${search}`;

describeWith([POSTGRES, 'go'], 'several nodes on one database and one store', () => {
  const createStores = useSharedStores();

  async function startBoth(): Promise<{ first: NodeProcess; second: TestEmulator }> {
    const { metadata, objects } = await createStores();
    const [first, second] = await Promise.all([
      startNode('first', { metadata, objects }),
      startTestEmulator({ metadata, objects, auth: 'off', nodeName: 'second' }),
    ]);
    await second.client.putChannel('cam', channelConfig({ FragDuration: 1 }));
    return { first, second };
  }

  const push = (port: number) => pushTo(port, '/live/cam');

  /** The index as everybody reads it. */
  const fragments = ({ emulator }: TestEmulator) =>
    emulator.control.channels.fragments(BUCKET, 'cam', 0, Number.MAX_SAFE_INTEGER);

  async function hasFragments(node: TestEmulator, count: number) {
    for (;;) {
      const found = await fragments(node);
      if (found.length >= count) return found;
      await sleep(100);
    }
  }

  /** Ends a push of this node; resolves when all of it is stored. */
  async function end(push: ClipPush, { emulator: { events } }: TestEmulator): Promise<void> {
    const isIt = ({ remoteAddr }: { readonly remoteAddr: string }) => remoteAddr === push.localAddr;
    const { sessionId } = await events.waitFor('publish.accepted', isIt, { after: 0 });
    push.stop();
    await events.waitFor('publish.ended', (event) => event.sessionId === sessionId, { after: 0 });
  }

  async function expectContinuous(node: TestEmulator): Promise<void> {
    const found = await fragments(node);
    const sequences = found.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, index) => index));
    const starts = found.map(({ startMs }) => startMs);
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
  }

  it(
    'a node that is killed is followed by another one with one reconnect, and its push gets an end',
    async () => {
      const { first, second } = await startBoth();
      const { emulator, client, port } = second;
      const lost = await push(first.port);
      await hasFragments(second, 2);
      const stats = await Promise.all([first.port, port].map((node) => statOf(node)));
      expect(stats[0]).toMatchObject({ Status: 'Live', RemoteAddr: lost.localAddr });
      expect(stats[1]).toMatchObject({
        Status: 'Live',
        RemoteAddr: lost.localAddr,
        ConnectedTime: stats[0]?.ConnectedTime,
      });

      // While the owner is there, nobody else may push, change or delete.
      expect(await refusalOf(push(port))).toMatchObject({ code: 'NetStream.Publish.BadName' });
      await expect(client.deleteChannel('cam')).rejects.toMatchObject({ code: 'ChannelStillLive' });
      const nodes = await emulator.control.nodes();
      // What a node does alone has a lease without a slash, now and then.
      const pushes = nodes.map(({ leases }) =>
        leases.map(({ source }) => source).filter((source) => source.includes('/')),
      );
      expect(nodes.map(({ name, isThis }, index) => [name, isThis, pushes[index]])).toEqual([
        ['first', false, [`${BUCKET}/cam`]],
        ['second', true, []],
      ]);
      await expect(emulator.control.refuseBesideOthers('A moved clock')).rejects.toThrow(
        'others share the database: first',
      );

      const before = (await fragments(second)).length;
      first.signal('SIGKILL');
      const next = await push(port);
      await hasFragments(second, before + 2);
      await end(next, second);
      await expectContinuous(second);
      const history = await emulator.control.channels.history(BUCKET, 'cam', 10);
      expect(history.map(({ remoteAddr }) => remoteAddr)).toEqual([lost.localAddr, next.localAddr]);
      const accepted = emulator.events.since(0).find(({ type }) => type === 'publish.accepted');
      expect(accepted).toMatchObject({ node: 'second' });
    },
    LIMIT_MS,
  );

  it(
    'a node that was stopped past its lease writes nothing when it goes on',
    async () => {
      const { first, second } = await startBoth();
      const stopped = await push(first.port);
      const before = await hasFragments(second, 1);
      first.signal('SIGSTOP');
      const next = await push(second.port);
      await hasFragments(second, before.length + 2);
      first.signal('SIGCONT');
      await first.said('session.lost');
      await expect(stopped.done).rejects.toThrow();
      await end(next, second);
      await expectContinuous(second);
      const sessions = (await fragments(second)).map(({ sessionId }) => sessionId);
      expect(new Set(sessions).size).toBe(2);
      expect(sessions).toEqual([...sessions].sort((a, b) => sessions.indexOf(a) - sessions.indexOf(b)));
    },
    LIMIT_MS,
  );

  it(
    'what nobody continues is ended by the others, and what lives is left alone by a node that starts',
    async () => {
      const { first, second } = await startBoth();
      await push(first.port);
      await hasFragments(second, 1);
      const third = await startTestEmulator({
        metadata: second.emulator.config.metadata,
        objects: second.emulator.config.objects,
        auth: 'off',
        nodeName: 'third',
      });
      expect(await second.emulator.control.channels.history(BUCKET, 'cam', 10)).toEqual([]);
      first.signal('SIGKILL');
      await hasEnded(third);
      await expectContinuous(third);
    },
    LIMIT_MS,
  );

  it(
    'what is asked on one node reaches the other: channels, streams and rooms',
    async () => {
      const { first, second } = await startBoth();
      const { control } = second.emulator;
      const pushed = await push(first.port);
      await stateOf(async () => (await control.channels.get(BUCKET, 'cam'))?.live?.video);
      expect(await control.channels.get(BUCKET, 'cam')).toMatchObject({
        state: 'live',
        live: { node: 'first', remoteAddr: pushed.localAddr, video: { codec: 'H264' } },
      });
      await second.client.putChannelStatus('cam', 'disabled');
      await expect(pushed.done).rejects.toThrow('LiveChannelDisabled');

      const stream = await pushTo(first.port, '/show/one?vhost=play.test');
      expect(await onlineAt(second.port)).toMatchObject([
        { AppName: 'show', StreamName: 'one', PublishDomain: '127.0.0.1' },
      ]);
      expect(await control.live.streams()).toMatchObject([{ state: 'live', live: { node: 'first' } }]);
      expect(await refusalOf(pushTo(second.port, '/show/one?vhost=play.test'))).toMatchObject({
        code: 'NetStream.Publish.BadName',
      });
      await call(second.port, { ...STREAM, Action: 'ForbidLiveStream', LiveStreamType: 'publisher' });
      await expect(stream.done).rejects.toThrow('forbidden by its owner');
      await stateOf(async () => (await onlineAt(second.port)).length === 0);

      const room = { appId: 'app', channelId: 'lesson' };
      const addressOf = (userId: string) => new URL(control.live.roomAddress({ ...room, userId }).rtmpAddress);
      const alice = await pushTo(first.port, pathOf(addressOf('alice')));
      const bob = addressOf('bob');
      expect(await refusalOf(pushTo(second.port, pathOf(bob)))).toMatchObject({
        message: expect.stringContaining('The channel is on the node first'),
      });
      await stateOf(async () => (await control.live.roomsAnywhere())[0]);
      expect(await control.live.roomsAnywhere()).toMatchObject([
        { ...room, node: 'first', participants: [{ userId: 'alice', role: 'publisher' }] },
      ]);
      expect(await control.live.removeParticipant('app', 'lesson', 'alice')).toBe(true);
      await expect(alice.done).rejects.toThrow('removed from the channel');
      // The last one has left: when its node has let the room go, it may be anywhere again.
      await stateOf(async () => (await control.live.roomsAnywhere()).length === 0);
      const there = await pushTo(second.port, pathOf(bob));
      expect(control.live.rooms()).toMatchObject([{ ...room, node: null, participants: [{ userId: 'bob' }] }]);
      there.stop();
    },
    LIMIT_MS,
  );

  it(
    'a recording that waits for its stream goes on with it on another node',
    async () => {
      const { first, second } = await startBoth();
      const { control } = second.emulator;
      await call(first.port, {
        Action: 'AddLiveAppRecordConfig',
        DomainName: 'play.test',
        AppName: 'show',
        OssBucket: BUCKET,
        OssEndpoint: `127.0.0.1:${first.port}`,
        DelayTime: '60',
        'RecordFormat.1.Format': 'm3u8',
        'RecordFormat.1.OssObjectPrefix': 'file/{AppName}/{StreamName}/{EscapedStartTime}_{EscapedEndTime}',
        'RecordFormat.1.SliceOssObjectPrefix': 'slices/{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}',
        'RecordFormat.1.SliceDuration': '5',
      });
      const recordings = async () => (await control.live.recordings({ limit: 10 })).recordings;
      for (const { port } of [first, second]) {
        const before = (await recordings())[0]?.slices ?? 0;
        const pushed = await pushTo(port, '/show/one?vhost=play.test');
        await stateOf(async () => ((await recordings())[0]?.slices ?? 0) > before);
        if (port === first.port) {
          const commanded = await call(second.port, { ...STREAM, Action: 'RealTimeRecordCommand', Command: 'stop' });
          expect(commanded).toMatchObject({
            Code: 'ServiceUnavailable',
            Message: expect.stringContaining('show/one is pushed to the node first'),
          });
        }
        pushed.stop();
        await stateOf(async () => (await onlineAt(second.port)).length === 0);
      }
      expect(await recordings()).toHaveLength(1);
    },
    LIMIT_MS,
  );

  async function hasEnded({ emulator }: TestEmulator): Promise<void> {
    while ((await emulator.control.channels.history(BUCKET, 'cam', 10)).length === 0) await sleep(100);
  }

  /** Resolves when there is one: a node tells the others with its next renewal. */
  async function stateOf(find: () => Promise<unknown>): Promise<void> {
    while (!(await find())) await sleep(100);
  }

  async function call(port: number, parameters: Record<string, string>): Promise<Record<string, unknown>> {
    const query = new URLSearchParams({ Version: '2016-11-01', Format: 'JSON', ...parameters });
    return Object(await (await fetch(`http://127.0.0.1:${port}/?${query}`)).json());
  }

  async function onlineAt(port: number): Promise<readonly unknown[]> {
    const answer = await call(port, { Action: 'DescribeLiveStreamsOnlineList', DomainName: 'play.test' });
    const { LiveStreamOnlineInfo } = Object(answer.OnlineInfo);
    return LiveStreamOnlineInfo;
  }

  async function statOf(port: number): Promise<Record<string, string>> {
    const answer = await fetch(`http://127.0.0.1:${port}/${BUCKET}/cam?live&comp=stat`);
    const text = await answer.text();
    return Object.fromEntries([...text.matchAll(/<(\w+)>([^<\s][^<]*)</g)].map(([, name, value]) => [name, value]));
  }
});
