/** Holds playlists, index and bytes of a cluster, which nobody pushes to, against what its clients were told. */
import { setTimeout as delay } from 'node:timers/promises';
import { channelViolations } from '../../crash/audit/channels.ts';
import { contentViolations } from '../../crash/audit/contents.ts';
import { Client } from '../../crash/client.ts';
import type { Ledger } from '../../crash/ledger.ts';
import type { Downtime } from '../downtime.ts';
import { LEASE_MS, PUSHABLE_WITHIN_MS } from '../lease.ts';
import type { Gap } from '../load/pushes.ts';
import type { Site } from '../site.ts';
import { databaseViolations } from './fragment-rows.ts';

/** What a dead node has left is ended by a sweep, at most so long after its leases. */
const SWEPT_WITHIN_MS = LEASE_MS + 15_000;

/** @param sinceSec the media from here on is looked at */
export async function clusterViolations(site: Site, ledger: Ledger, sinceSec: number): Promise<string[]> {
  const { database, databaseName, nodes, proxy } = site;
  const deadlineMs = performance.now() + SWEPT_WITHIN_MS;
  while (performance.now() < deadlineMs) {
    const open = await database.execute('select id from sessions where "endedMs" is null', databaseName);
    if (open.length === 0) break;
    await delay(200);
  }
  const client = new Client(proxy.port);
  try {
    return [
      ...(await databaseViolations(database, databaseName)),
      ...(await contentViolations(client, ledger)),
      ...(await channelViolations(client, ledger, sinceSec)),
      ...nodes.flatMap((node) => node.takeFailures()),
    ];
  } catch (error) {
    return [`the auditor was refused: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    client.close();
  }
}

/** The publishers who waited too long for their channels. */
export function gapViolations(gaps: readonly Gap[], downtime: Downtime): string[] {
  return gaps
    .map((gap) => ({ ...gap, waitedMs: downtime.waitedMs(gap) }))
    .filter(({ waitedMs }) => waitedMs > PUSHABLE_WITHIN_MS)
    .map(({ channel, lostMs, backMs, lostAttempts, met, waitedMs }) => {
      const lost = lostAttempts.map(
        ({ fromMs, toMs }) => `${downtime.sinceStart(fromMs)} to ${downtime.sinceStart(toMs)}`,
      );
      const span = `from ${downtime.sinceStart(lostMs)} to ${downtime.sinceStart(backMs)} ms of the round`;
      const attempts = `attempts without an answer from ${lost.join(', ') || 'none'}`;
      return `${channel} could not be pushed to for ${Math.round(waitedMs)} ms, ${span}: ${met.join('; ')}; ${attempts}`;
    });
}
