import { describe, expect, it } from 'vitest';
import type { ChannelSource, RoomSource, StreamSource } from '../../src/base/push-source.ts';
import {
  type RegisteredChannel,
  type RegisteredStream,
  type RegisteredUser,
  Registry,
} from '../../src/ingest/registry.ts';

const CHANNEL: ChannelSource = { kind: 'channel', bucket: 'bucket', channel: 'cam' };
const STREAM: StreamSource = { kind: 'stream', domain: '*', app: 'app', stream: 's1' };
const USER: RoomSource = { kind: 'room', appId: 'app', channelId: 'room', userId: 'ann' };

const PUSH = { id: 'push', startedMs: 0, remoteAddr: '127.0.0.1:50000' };
const SINK = { message() {}, end: () => Promise.resolve() };

type OnStop = (reason: string) => void;

function parts(onStop: OnStop) {
  return {
    sink: SINK,
    ended: Promise.resolve(),
    recent: () => [],
    watch: () => () => {},
    stat: () => ({}),
    totals: () => ({ videoFrames: 0, videoBytes: 0, audioFrames: 0, audioBytes: 0 }),
    cut() {},
    stop: async (reason: string) => onStop(reason),
    lose() {},
  };
}

function channel(source: ChannelSource, onStop: OnStop = () => {}): RegisteredChannel {
  return { ...parts(onStop), push: { ...PUSH, source }, cutSoon() {}, keep() {} };
}

function stream(onStop: OnStop = () => {}): RegisteredStream {
  const push = { ...PUSH, source: STREAM, endedMs: null, localAddr: '127.0.0.1:9000', publishDomain: '', rawArgs: '' };
  return { ...parts(onStop), push, record: async () => {}, stopRecording: async () => {} };
}

function user(onStop: OnStop = () => {}): RegisteredUser {
  return { ...parts(onStop), push: { ...PUSH, source: USER, displayName: 'Ann' } };
}

describe('the registry of publishers', () => {
  it('knows who publishes a channel, a stream, and into a room', () => {
    const registry = new Registry();
    const [cam, s1, ann] = [channel(CHANNEL), stream(), user()];
    for (const registered of [cam, s1, ann]) registry.add(registered);
    expect(registry.size).toBe(3);
    expect([registry.channel(CHANNEL), registry.stream(STREAM), registry.user(USER)]).toEqual([cam, s1, ann]);
    expect([...registry.streams()]).toEqual([s1]);
    expect([...registry.users()]).toEqual([ann]);
    registry.remove(s1);
    expect([registry.size, registry.stream(STREAM)]).toEqual([2, undefined]);
    expect(registry.channel({ ...CHANNEL, channel: 'other' })).toBeUndefined();
  });

  it('ends one that was being admitted while it closed', async () => {
    const registry = new Registry();
    const reasons: string[] = [];
    const named = (name: string) => {
      const registered = channel({ ...CHANNEL, channel: name }, (reason) => {
        reasons.push(`${name}: ${reason}`);
        registry.remove(registered);
      });
      return registered;
    };
    registry.add(named('early'));
    const closed = registry.close('shutting down');
    registry.add(named('late'));
    await closed;
    expect(reasons).toEqual(['early: shutting down', 'late: shutting down']);
    expect(registry.size).toBe(0);
  });

  it('ends a push whose lease was lost before it was admitted', () => {
    const reasons: string[] = [];
    const registry = new Registry();
    const lease = { source: 'bucket/cam', number: 1, fence: undefined, isTakeover: false, release: async () => {} };
    const lose = (reason: string) => reasons.push(reason);
    registry.add({ ...channel(CHANNEL), lose }, { ...lease, isHeld: () => true });
    expect(reasons).toEqual([]);
    registry.add({ ...channel(CHANNEL), lose }, { ...lease, isHeld: () => false });
    expect(reasons).toEqual(['the lease has ended']);
  });

  it('keeps the next push of a source when one that lost its lease ends later', () => {
    const registry = new Registry();
    const [before, after] = [channel(CHANNEL), channel(CHANNEL)];
    registry.add(before);
    registry.add(after);
    registry.remove(before);
    expect(registry.channel(CHANNEL)).toBe(after);
  });

  it('ends every push, or only those into one bucket', async () => {
    const registry = new Registry();
    const stopped: string[] = [];
    const stop = (name: string) => () => stopped.push(name);
    registry.add(channel(CHANNEL, stop('cam')));
    registry.add(channel({ ...CHANNEL, bucket: 'bucket-2' }, stop('cam in bucket-2')));
    registry.add(stream(stop('s1')));
    registry.add(user(stop('ann')));
    await registry.stopAll('reset', 'bucket');
    expect(stopped.splice(0)).toEqual(['cam']);
    await registry.stopAll('reset');
    expect(stopped).toEqual(['cam', 'cam in bucket-2', 's1', 'ann']);
  });
});
