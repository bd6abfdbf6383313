import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { loadClip } from '../../src/control-plane/publisher/clip.ts';
import { ClipPush } from '../../src/control-plane/publisher/clip-push.ts';
import type { RtmpRefusedError } from '../../src/rtmp/client.ts';
import { channelConfig, startTestEmulator, type TestEmulator } from '../support/emulator.ts';
import { POSTGRES, testPostgres } from '../support/postgres.ts';
import { describeWith } from '../support/tools.ts';
import { BUILD_TIMEOUT_MS, type S3Server, startS3Server } from '../support/versitygw.ts';
import { type NodeProcess, startNode } from './node-process.ts';

const BUCKET = 'examplebucket';

describeWith([POSTGRES, 'go'], 'several nodes on one database and one store', () => {
  let s3: S3Server;

  beforeAll(async () => {
    s3 = await startS3Server();
    await testPostgres();
  }, BUILD_TIMEOUT_MS);

  afterAll(() => s3?.stop());

  async function startBoth(): Promise<{ first: NodeProcess; second: TestEmulator }> {
    const metadata = await (await testPostgres()).createDatabase();
    const objects = s3.address(randomUUID());
    const [first, second] = await Promise.all([
      startNode('first', { metadata, objects }),
      startTestEmulator({ metadata, objects, auth: 'off', nodeName: 'second' }),
    ]);
    await second.client.putChannel('cam', channelConfig({ FragDuration: 1 }));
    return { first, second };
  }

  async function push(port: number, channel = 'cam'): Promise<ClipPush> {
    const server = { host: '127.0.0.1', port };
    const url = `rtmp://127.0.0.1:${port}/live/${channel}`;
    const clip = await loadClip(undefined);
    return ClipPush.start({ url, server, clip, clock: systemClock, speed: 'realtime', durationMs: 120_000 });
  }

  /** The index as everybody reads it. */
  const fragments = ({ emulator }: TestEmulator) =>
    emulator.control.fragments(BUCKET, 'cam', 0, Number.MAX_SAFE_INTEGER);

  async function hasFragments(node: TestEmulator, count: number) {
    for (;;) {
      const found = await fragments(node);
      if (found.length >= count) return found;
      await sleep(100);
    }
  }

  async function expectContinuous(node: TestEmulator): Promise<void> {
    const found = await fragments(node);
    const sequences = found.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, index) => index));
    const starts = found.map(({ startMs }) => startMs);
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
  }

  it('a node that is killed is followed by another one with one reconnect, and its push gets an end', async () => {
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
    const refusal = await push(port).catch((error: RtmpRefusedError) => error);
    expect(refusal).toMatchObject({ code: 'NetStream.Publish.BadName' });
    await expect(client.deleteChannel('cam')).rejects.toMatchObject({ code: 'ChannelStillLive' });
    const nodes = await emulator.control.nodes();
    expect(nodes.map(({ name, isThis, leases }) => [name, isThis, leases.map(({ source }) => source)])).toEqual([
      ['first', false, [`${BUCKET}/cam`]],
      ['second', true, []],
    ]);
    await expect(emulator.control.reset()).rejects.toThrow('others share the database: first');

    const before = (await fragments(second)).length;
    first.signal('SIGKILL');
    const next = await push(port);
    await hasFragments(second, before + 2);
    next.stop();
    await second.emulator.events.waitFor('publish.ended', () => true, { after: 0 });
    await expectContinuous(second);
    const history = await emulator.control.history(BUCKET, 'cam', 10);
    expect(history.map(({ remoteAddr }) => remoteAddr)).toEqual([lost.localAddr, next.localAddr]);
    const accepted = emulator.events.since(0).find(({ type }) => type === 'publish.accepted');
    expect(accepted).toMatchObject({ node: 'second' });
  }, 60_000);

  it('a node that was stopped past its lease writes nothing when it goes on', async () => {
    const { first, second } = await startBoth();
    const stopped = await push(first.port);
    const before = await hasFragments(second, 1);
    first.signal('SIGSTOP');
    const next = await push(second.port);
    await hasFragments(second, before.length + 2);
    first.signal('SIGCONT');
    await first.said('session.lost');
    await expect(stopped.done).rejects.toThrow();
    next.stop();
    await second.emulator.events.waitFor('publish.ended', () => true, { after: 0 });
    await expectContinuous(second);
    const sessions = (await fragments(second)).map(({ sessionId }) => sessionId);
    expect(new Set(sessions).size).toBe(2);
    expect(sessions).toEqual([...sessions].sort((a, b) => sessions.indexOf(a) - sessions.indexOf(b)));
  }, 60_000);

  it('what nobody continues is ended by the others, and what lives is left alone by a node that starts', async () => {
    const { first, second } = await startBoth();
    await push(first.port);
    await hasFragments(second, 1);
    const third = await startTestEmulator({
      metadata: second.emulator.config.metadata,
      objects: second.emulator.config.objects,
      auth: 'off',
      nodeName: 'third',
    });
    expect(await second.emulator.control.history(BUCKET, 'cam', 10)).toEqual([]);
    first.signal('SIGKILL');
    await hasEnded(third);
    await expectContinuous(third);
  }, 60_000);

  it('a channel that is disabled on one node is ended on the other', async () => {
    const { first, second } = await startBoth();
    const pushed = await push(first.port);
    await second.client.putChannelStatus('cam', 'disabled');
    await expect(pushed.done).rejects.toThrow('LiveChannelDisabled');
  }, 60_000);

  async function hasEnded({ emulator }: TestEmulator): Promise<void> {
    while ((await emulator.control.history(BUCKET, 'cam', 10)).length === 0) await sleep(100);
  }

  async function statOf(port: number): Promise<Record<string, string>> {
    const answer = await fetch(`http://127.0.0.1:${port}/${BUCKET}/cam?live&comp=stat`);
    const text = await answer.text();
    return Object.fromEntries([...text.matchAll(/<(\w+)>([^<\s][^<]*)</g)].map(([, name, value]) => [name, value]));
  }
});
