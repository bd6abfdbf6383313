import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Events } from '../../src/events/events.ts';
import type { WatchDirectory } from '../../src/watch/directory.ts';
import { type Showing, type ViewerRequest, Viewers } from '../../src/watch/viewers.ts';
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
