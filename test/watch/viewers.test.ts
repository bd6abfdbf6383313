import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Events } from '../../src/events/events.ts';
import type { WatchDirectory } from '../../src/watch/directory.ts';
import { type ConnectionStage, type Showing, type ViewerRequest, Viewers } from '../../src/watch/viewers.ts';
import { newSession } from './support/pushed-stream.ts';

const REQUEST: ViewerRequest = {
  watched: { stream: newSession(), subject: { appId: 'app-1', channelId: 'room', userId: 'u1' } },
  protocol: 'flv',
  name: undefined,
  remoteAddr: '192.0.2.1:50000',
};

function open(maxViewers = 2) {
  const clock = new ManualClock(0);
  const events = new Events(clock);
  const happened: string[] = [];
  events.subscribe(({ type }) => happened.push(type));
  const present = new Set(['publisher']);
  const directory: WatchDirectory = {
    isLiveDomain: () => false,
    isPublishing: () => true,
    find: () => undefined,
    findSubject: () => undefined,
    isAddressOf: () => false,
    elsewhere: () => undefined,
    endedElsewhere: () => undefined,
    otherNode: () => undefined,
    isInRoom: (_, name) => present.has(name),
    check() {},
    enter(_, { name }) {
      happened.push(`${name} enters`);
      present.add(name);
      return (cause) => {
        happened.push(`${name} goes: ${cause}`);
        present.delete(name);
      };
    },
  };
  const viewers = new Viewers({ clock, events, log: silentLog, directory, maxViewers });
  const admit = (name: string | undefined) => viewers.admit({ ...REQUEST, name }, async () => ({ showing: show() }));
  return { viewers, admit, happened };
}

function show(isSilent = () => false): Showing {
  let close: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    close = resolve;
  });
  return { ended, isSilent, close };
}

it('who has a name takes part in the room, from coming to going', async () => {
  const { viewers, admit, happened } = open();
  await admit('v1');
  await viewers.closeAll('the end');
  expect(happened).toEqual(['viewer.joined', 'v1 enters', 'v1 goes: the end', 'viewer.left']);
  expect(viewers.list()).toEqual([]);
});

it('who has none, does not', async () => {
  const { viewers, admit, happened } = open();
  await admit(undefined);
  await viewers.closeAll('the end');
  expect(happened).toEqual(['viewer.joined', 'viewer.left']);
});

it.each(['a b', 'a\u0001', 'ä', 'x'.repeat(65)])('%j is no name of a participant', async (name) => {
  const { viewers, admit, happened } = open();
  await expect(admit(name)).rejects.toMatchObject({ status: 400, message: expect.stringContaining('uid must be') });
  expect(happened).toEqual([]);
  expect(viewers.list()).toEqual([]);
});

it('a name is in a room once', async () => {
  const { viewers, admit, happened } = open(9);
  await expect(admit('publisher')).rejects.toMatchObject({
    status: 409,
    message: expect.stringContaining('publisher'),
  });
  const [first, second] = await Promise.allSettled([admit('v1'), admit('v1')]);
  expect([first?.status, second?.status]).toEqual(['fulfilled', 'rejected']);
  await expect(admit('v1')).rejects.toMatchObject({ status: 409 });
  const subject = { appId: 'app-1', channelId: 'another room', userId: 'u1' };
  const elsewhere = { ...REQUEST, name: 'v2', watched: { ...REQUEST.watched, subject } };
  await Promise.all([admit('v2'), viewers.admit(elsewhere, async () => ({ showing: show() }))]);
  await viewers.closeAll('the end');
  await admit('v1');
  expect(happened.filter((what) => what === 'v1 enters')).toHaveLength(2);
});

it('who comes back takes the place of the browser that left without a word', async () => {
  const { viewers, admit, happened } = open();
  let isSilent = false;
  await viewers.admit({ ...REQUEST, name: 'v1' }, async () => ({ showing: show(() => isSilent) }));
  await expect(admit('v1')).rejects.toMatchObject({ status: 409 });
  isSilent = true;
  await admit('v2');
  expect(viewers.list()).toHaveLength(2);
  await viewers.closeAll('the end');
  await viewers.admit({ ...REQUEST, name: 'v1' }, async () => ({ showing: show(() => true) }));
  await admit('v1');
  expect(viewers.list()).toHaveLength(1);
  expect(happened.filter((what) => what === 'v1 enters')).toHaveLength(3);
  expect(happened).toContain('v1 goes: silent, and another viewer has the name');
});

describe('those who only offered', () => {
  /** Opens one after the other; `stages` can be changed afterwards. */
  function openPending(maxViewers: number) {
    const { viewers, happened } = open(maxViewers);
    const stages = new Map<string, ConnectionStage>();
    const offer = async (address: string) => {
      const showing = show();
      const { id } = await viewers.admit({ ...REQUEST, remoteAddr: `${address}:1` }, async (viewerId) => {
        stages.set(viewerId, 'offered');
        return { id: viewerId, showing: { ...showing, stage: () => stages.get(viewerId) ?? 'connected' } };
      });
      return id;
    };
    const ids = () => viewers.list().map(({ id }) => id);
    return { offer, stages, ids, happened };
  }

  it('hold no place: the oldest gives way', async () => {
    const { offer, ids, happened } = openPending(4);
    const first = [await offer('a'), await offer('b'), await offer('c'), await offer('d')];
    const last = await offer('e');
    expect(ids()).toEqual([...first.slice(1), last]);
    expect(happened.filter((what) => what === 'viewer.left')).toHaveLength(1);
  });

  it('give way before those whose address is known, and never to the harm of those who are connected', async () => {
    const { offer, stages, ids } = openPending(3);
    const [connected, reached, offered] = [await offer('a'), await offer('b'), await offer('c')];
    stages.set(connected, 'connected').set(reached, 'reached');
    const next = await offer('d');
    expect(ids()).toEqual([connected, reached, next]);
    expect(ids()).not.toContain(offered);
    stages.set(next, 'connected');
    const last = await offer('e');
    expect(ids()).toEqual([connected, next, last]);
    stages.set(last, 'connected');
    await expect(offer('f')).rejects.toMatchObject({ status: 503 });
    expect(ids()).toEqual([connected, next, last]);
  });

  it('may be half of the places for one address', async () => {
    const { offer, ids } = openPending(10);
    const other = await offer('b');
    for (let count = 0; count < 100; count++) await offer('a');
    expect(ids()).toHaveLength(6);
    expect(ids()[0]).toBe(other);
  });

  it('are no more than the places, however many come at once', async () => {
    const { offer, ids } = openPending(4);
    await Promise.allSettled(Array.from({ length: 100 }, (_, index) => offer(`host-${index}`)));
    expect(ids().length).toBeLessThanOrEqual(4);
  });
});

it('a place is free again when its viewer goes, or could not be let in', async () => {
  const { viewers, admit } = open(1);
  const failing = viewers.admit(REQUEST, () => Promise.reject(new Error('no offer')));
  await expect(admit(undefined)).rejects.toMatchObject({ status: 503 });
  await expect(failing).rejects.toThrow('no offer');
  await admit('v1');
  await expect(admit('v2')).rejects.toMatchObject({ status: 503 });
  await viewers.closeAll('the end');
  await admit('v2');
});
