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
  const directory: WatchDirectory = {
    isLiveDomain: () => false,
    isPublishing: () => true,
    find: () => undefined,
    findSubject: () => undefined,
    isAddressOf: () => false,
    check() {},
    enter(_, { name }) {
      happened.push(`${name} enters`);
      return (cause) => happened.push(`${name} goes: ${cause}`);
    },
  };
  const viewers = new Viewers({ clock, events, log: silentLog, directory, maxViewers });
  const admit = (name: string | undefined) => viewers.admit({ ...REQUEST, name }, async () => ({ showing: show() }));
  return { viewers, admit, happened };
}

function show(): Showing {
  let close: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    close = resolve;
  });
  return { ended, close };
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
