import { expect, it } from 'vitest';
import { channelConfig, startTestEmulator, type TestEmulator } from '../support/emulator.ts';
import { POSTGRES } from '../support/postgres.ts';
import { describeWith } from '../support/tools.ts';
import { pushTo, useSharedStores } from './shared-stores.ts';

const BUCKET = 'examplebucket';

describeWith([POSTGRES, 'go'], 'what nodes on one database do together', () => {
  const createStores = useSharedStores();

  async function startBoth(): Promise<readonly [TestEmulator, TestEmulator]> {
    const shared = { ...(await createStores()), auth: 'off' } as const;
    const first = await startTestEmulator({ ...shared, nodeName: 'first' });
    const second = await startTestEmulator({ ...shared, nodeName: 'second' });
    return [first, second];
  }

  const push = ({ port }: TestEmulator) => pushTo(port, '/live/cam');

  it('a reset on one node ends the pushes of all, empties the stores once, and each begins anew', async () => {
    const [first, second] = await startBoth();
    await first.client.put('before', Buffer.from('before'));
    await first.client.putChannel('cam', channelConfig({ FragDuration: 1 }));
    const pushed = await push(first);
    const ended = pushed.done.catch((error: Error) => error.message);
    await Promise.all([second.emulator.control.reset(), second.emulator.control.reset()]);
    expect(await ended).toContain('being reset');
    // All that the stores had, and what each node had in memory.
    expect((await second.client.list({ 'max-keys': 10 }, {})).objects ?? []).toEqual([]);
    expect((await first.emulator.control.channels()).map(({ name }) => name)).toEqual(['test-channel']);
    for (const { emulator } of [first, second]) {
      const resets = emulator.events.since(0).filter(({ type }) => type === 'emulator.reset');
      expect(resets).toHaveLength(2);
    }
    // And at once it goes on everywhere, with a seed too.
    await second.emulator.control.seed({
      buckets: [{ name: BUCKET, channels: [{ name: 'cam', recordings: [{ from: '-1m', to: '-30s' }] }] }],
    });
    expect(await first.emulator.control.history(BUCKET, 'cam', 10)).toHaveLength(1);
    const again = await first.emulator.control.publishes.start({ channel: 'cam', durationSec: 1 });
    await again.done;
    expect(await second.emulator.control.history(BUCKET, 'cam', 10)).toHaveLength(2);
    // Whoever follows the events of one node has those of all, in one order.
    const types = async ({ endpoint }: TestEmulator) => {
      const answer = await fetch(`${endpoint}/_emulator/events?type=publish.accepted,publish.ended,emulator.reset`);
      const { events, lost } = Object(await answer.json());
      expect(lost).toBe(0);
      return events.map(({ id, node, type }: Record<string, unknown>) => ({ id, node, type }));
    };
    const all = await types(first);
    expect(await types(second)).toEqual(all);
    expect(all.filter(({ type }: { type: string }) => type === 'emulator.reset')).toHaveLength(4);
    expect(all).toEqual(expect.arrayContaining([expect.objectContaining({ node: 'first', type: 'publish.ended' })]));
    const ids = all.map(({ id }: { id: number }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => Number(a) - Number(b)));
    await expect(first.emulator.control.refuseBesideOthers('A moved clock')).rejects.toThrow('second');
  }, 60_000);
});
