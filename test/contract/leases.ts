import { expect, it } from 'vitest';
import { turnOfTheLoop } from '../../src/base/turn-of-the-loop.ts';
import type { Leases } from '../../src/storage/leases/leases.ts';
import { runAlone, runUnlessRunning } from '../../src/storage/leases/run-alone.ts';

const SOURCE = 'examplebucket/door';

/** What every adapter of the port does. `open` makes one node; those of one call share their leases where there are several. */
export function leasesContract(open: () => Promise<Leases>): void {
  it('of many who want a lease at once one gets it', async () => {
    const leases = await open();
    const requests = Array.from({ length: 20 }, (_, index) =>
      leases.acquire({ source: SOURCE, sessionId: `push ${index}` }),
    );
    const acquired = await Promise.all(requests);
    expect(acquired.filter(({ lease }) => lease)).toHaveLength(1);
    const holders = acquired.flatMap(({ holder }) => (holder ? [holder.sessionId] : []));
    expect(new Set(holders)).toEqual(new Set([(await leases.holder(SOURCE))?.sessionId]));
  });

  it('a lease that was released is free, and the next one has a higher number', async () => {
    const leases = await open();
    const numbers: number[] = [];
    for (const sessionId of ['first', 'second', 'third']) {
      const { lease } = await leases.acquire({ source: SOURCE, sessionId });
      expect(lease).toMatchObject({ isTakeover: false });
      expect(lease?.isHeld()).toBe(true);
      expect(await leases.holder(SOURCE)).toMatchObject({ source: SOURCE, sessionId });
      numbers.push(lease?.number ?? 0);
      await lease?.release();
      expect(lease?.isHeld()).toBe(false);
      // A second time changes nothing.
      await lease?.release();
      expect(await leases.holder(SOURCE)).toBeUndefined();
    }
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(3);
  });

  it('a release does not end the lease of a successor', async () => {
    const leases = await open();
    const { lease: first } = await leases.acquire({ source: SOURCE, sessionId: 'first' });
    await first?.release();
    await leases.acquire({ source: SOURCE, sessionId: 'second' });
    await first?.release();
    expect(await leases.holder(SOURCE)).toMatchObject({ sessionId: 'second' });
  });

  it('nobody waits for the end of a push of this node', async () => {
    const leases = await open();
    const push = { startedMs: 0, remoteAddr: '127.0.0.1:1' };
    await leases.acquire({ source: SOURCE, sessionId: 'first', push });
    const { holder } = await leases.acquire({ source: SOURCE, sessionId: 'second', push });
    // It has not been renewed: only the node itself knows that it is there.
    expect(holder && (await leases.outlive(holder))).toBe(false);
  });

  it('tells who holds what', async () => {
    const leases = await open();
    expect(await leases.held()).toEqual([]);
    for (const source of ['b/two', 'a/one']) await leases.acquire({ source, sessionId: `of ${source}` });
    await leases.renewAll();
    const held = await leases.held();
    expect(held.map(({ source, sessionId, owner }) => ({ source, sessionId, owner }))).toEqual(
      expect.arrayContaining([
        { source: 'a/one', sessionId: 'of a/one', owner: leases.owner },
        { source: 'b/two', sessionId: 'of b/two', owner: leases.owner },
      ]),
    );
    expect((await leases.held(['b/', 'c/'])).map(({ source }) => source)).toEqual(['b/two']);
    expect((await leases.presentNodes()).map(({ id }) => id)).toEqual([leases.owner]);
  });

  it('lets what is done alone follow one another', async () => {
    const leases = await open();
    let present = 0;
    const counts: number[] = [];
    const action = async () => {
      counts.push(++present);
      await turnOfTheLoop();
      present -= 1;
    };
    await Promise.all([1, 2, 3].map(() => runAlone(leases, 'work', action)));
    expect(counts).toEqual([1, 1, 1]);
    await runAlone(leases, 'work', () => runUnlessRunning(leases, 'work', action));
    expect(counts).toHaveLength(3);
    await runUnlessRunning(leases, 'work', action);
    expect(counts).toHaveLength(4);
  });

  it('does not wait for others any more when it is told to stop', async () => {
    const leases = await open();
    await leases.acquire({ source: 'work', sessionId: 'of another node' });
    const stopped = new AbortController();
    const waiting = runAlone(leases, 'work', () => Promise.reject(new Error('it ran')), stopped.signal);
    leases.outlive = async () => false;
    stopped.abort();
    await waiting;
  });
}
