import type { Desk } from './load.ts';

/** Reads the events: a fragment that one of them tells of is stored for good. */
export async function eventReader({ client, ledger }: Desk): Promise<never> {
  for (let after = 0; ; ) {
    const { events } = await client.control('GET', `/events?after=${after}&waitMs=5000&type=fragment.stored`);
    for (const event of Array.isArray(events) ? events : []) {
      after = Math.max(after, Number(event.id));
      if (event.type === 'fragment.stored') ledger.channels.get(String(event.channel))?.told.add(String(event.key));
    }
  }
}
