import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { Elsewhere } from '../../../src/live/streams/elsewhere.ts';
import { createInProcessLeases } from '../../../src/storage/leases/in-process-leases.ts';
import type { Holder, Leases, NodeView } from '../../../src/storage/leases/leases.ts';
import type { WatchSubject } from '../../../src/watch/directory.ts';

const ADDRESS = { url: 'http://10.0.0.5:9000', key: 'k' };
const FIRST: NodeView = { id: 'first#1', name: 'first', ageMs: 0, address: ADDRESS };
const OWN: NodeView = { id: 'own#1', name: 'own', ageMs: 0 };

const holderOf = (source: string, { id: owner, name: node }: NodeView, users: readonly string[] = []): Holder => ({
  source,
  owner,
  node,
  sessionId: '',
  number: 1,
  expiresMs: 0,
  leftMs: 0,
  push: undefined,
  state: {
    users: users.map((userId) => {
      const role = userId.startsWith('viewer') ? 'viewer' : 'publisher';
      return { userId, displayName: '', role, joinedMs: 0, sessionId: '', remoteAddr: '' };
    }),
  },
});

function open() {
  const clock = new ManualClock(0);
  const present = { nodes: [OWN, FIRST], held: [holderOf('live:d/app/one', FIRST)] };
  const leases: Leases = {
    ...createInProcessLeases(),
    owner: OWN.id,
    isShared: true,
    presentNodes: async () => present.nodes,
    held: async () => present.held,
  };
  return { clock, present, elsewhere: new Elsewhere({ leases, clock, graceMs: 10_000 }) };
}

const isOne = (subject: WatchSubject) => 'stream' in subject && subject.stream === 'one';
const isUser = (name: string) => (subject: WatchSubject) => 'userId' in subject && subject.userId === name;

it('knows what the other nodes publish, as of the latest reading, and where they are reached', async () => {
  const { present, elsewhere } = open();
  present.held.push(holderOf('room:app/lesson', FIRST, ['alice', 'viewer-bob']), holderOf('examplebucket/cam', FIRST));
  present.held.push(holderOf('live:d/app/own', OWN), holderOf('sweep', FIRST));
  expect(elsewhere.find(isOne)).toBeUndefined();
  await elsewhere.read();
  expect(elsewhere.find(isOne)).toMatchObject({ id: FIRST.id, name: 'first', address: ADDRESS });
  expect(elsewhere.find(isUser('alice'))).toMatchObject({ id: FIRST.id });
  expect(elsewhere.find(isUser('viewer-bob'))).toBeUndefined();
  expect(elsewhere.find((subject) => 'stream' in subject && subject.stream === 'own')).toBeUndefined();
  expect(elsewhere.node(FIRST.id)).toMatchObject({ name: 'first' });
  expect(elsewhere.node(OWN.id)).toBeUndefined();
});

it('a node that is not there any longer still has its lease, and no address', async () => {
  const { present, elsewhere } = open();
  present.nodes = [OWN];
  await elsewhere.read();
  expect(elsewhere.find(isOne)).toEqual({ id: FIRST.id, name: 'first' });
  expect(elsewhere.node(FIRST.id)).toBeUndefined();
});

it('what has ended is known for two minutes and the grace, unless it is published again or its node is gone', async () => {
  const { clock, present, elsewhere } = open();
  const [one] = present.held;
  await elsewhere.read();
  expect(elsewhere.findEnded(isOne)).toBeUndefined();
  const end = async () => {
    present.held = [];
    await elsewhere.read();
    expect(elsewhere.find(isOne)).toBeUndefined();
    expect(elsewhere.findEnded(isOne)).toMatchObject({ name: 'first', address: ADDRESS });
  };
  await end();
  present.held = one ? [one] : [];
  await elsewhere.read();
  expect(elsewhere.findEnded(isOne)).toBeUndefined();
  await end();
  clock.advance(129_999);
  await elsewhere.read();
  expect(elsewhere.findEnded(isOne)).toBeDefined();
  clock.advance(1);
  await elsewhere.read();
  expect(elsewhere.findEnded(isOne)).toBeUndefined();
  present.held = one ? [one] : [];
  await elsewhere.read();
  await end();
  present.nodes = [OWN];
  await elsewhere.read();
  expect(elsewhere.findEnded(isOne)).toBeUndefined();
});

it('of more than a thousand that have ended the oldest are forgotten', async () => {
  const { present, elsewhere } = open();
  await elsewhere.read();
  present.held = Array.from({ length: 1_000 }, (_, index) => holderOf(`live:d/app/s${index}`, FIRST));
  await elsewhere.read();
  expect(elsewhere.findEnded(isOne)).toBeDefined();
  present.held = [];
  await elsewhere.read();
  expect(elsewhere.findEnded(isOne)).toBeUndefined();
  expect(elsewhere.findEnded((subject) => 'stream' in subject && subject.stream === 's0')).toBeDefined();
});
