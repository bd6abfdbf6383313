import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { type AwaitedProgress, PATIENCE_MS, SlowClients } from '../../src/http/slow-clients.ts';

/** A look may come so long after the time is over. */
const LATENESS_MS = 10_000;

class FakeConnection {
  now: AwaitedProgress | undefined;

  constructor(now: AwaitedProgress | undefined) {
    this.now = now;
  }

  awaited(): AwaitedProgress | undefined {
    return this.now;
  }
}

function watch(now: AwaitedProgress | undefined) {
  const clock = new ManualClock(0);
  const ended: string[] = [];
  const slowClients = new SlowClients<FakeConnection>({
    clock,
    onSlow: (connection, part) => {
      slowClients.remove(connection);
      ended.push(part);
    },
  });
  const connection = new FakeConnection(now);
  slowClients.add(connection);
  /** The time passes in steps, and before each the connection gets on. */
  const pass = (seconds: number, getOn: (second: number) => AwaitedProgress | undefined = () => connection.now) => {
    for (let second = 0; second < seconds; second++) {
      connection.now = getOn(second);
      clock.advance(1_000);
    }
  };
  return { clock, ended, connection, pass, slowClients };
}

describe('a client is too slow', () => {
  it.each(['head', 'body', 'answer'] as const)('that stands still in its %s, and not before', (part) => {
    const { clock, ended } = watch({ part, request: 1, bytes: 5 });
    clock.advance(PATIENCE_MS);
    expect(ended).toEqual([]);
    clock.advance(LATENESS_MS);
    expect(ended).toEqual([part]);
  });

  it.each([
    ['head', 'a byte every ten seconds', (second: number) => Math.floor(second / 10)],
    ['head', 'hundreds of bytes a second', (second: number) => second * 500],
    ['body', 'a byte every ten seconds', (second: number) => Math.floor(second / 10)],
    ['body', '200 bytes a second', (second: number) => second * 200],
    ['answer', '200 bytes a second', (second: number) => second * 200],
  ] as const)('with a %s of %s', (part, _what, bytesAt) => {
    const { ended, pass } = watch(undefined);
    pass((PATIENCE_MS + LATENESS_MS) / 1000, (second) => ({ part, request: 1, bytes: bytesAt(second) }));
    expect(ended).toEqual([part]);
  });

  it('that began fast', () => {
    const { ended, pass } = watch(undefined);
    pass(30, (second) => ({ part: 'body', request: 1, bytes: second * 1_000_000 }));
    pass((PATIENCE_MS + LATENESS_MS) / 1000);
    expect(ended).toEqual(['body']);
  });
});

describe('a client is not too slow', () => {
  it.each(['body', 'answer'] as const)('whose %s takes hours over a slow link', (part) => {
    const { ended, pass } = watch(undefined);
    pass(4 * 3600, (second) => ({ part, request: 1, bytes: second * 300 }));
    expect(ended).toEqual([]);
  });

  it('while the server is at work, and the time begins anew after that', () => {
    const { clock, ended, connection } = watch({ part: 'body', request: 1, bytes: 5 });
    clock.advance(PATIENCE_MS - LATENESS_MS);
    connection.now = undefined;
    clock.advance(10 * PATIENCE_MS);
    connection.now = { part: 'body', request: 1, bytes: 5 };
    clock.advance(PATIENCE_MS);
    expect(ended).toEqual([]);
  });

  it('that sends one small request after the other', () => {
    const { ended, pass } = watch(undefined);
    pass(600, (second) => ({ part: 'head', request: Math.floor(second / 10), bytes: second }));
    expect(ended).toEqual([]);
  });

  it('that has left', () => {
    const { clock, ended, connection, slowClients } = watch({ part: 'head', request: 0, bytes: 1 });
    clock.advance(LATENESS_MS);
    slowClients.remove(connection);
    clock.advance(10 * PATIENCE_MS);
    expect(ended).toEqual([]);
  });
});
