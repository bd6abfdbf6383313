/** Holds a restarted emulator, its folder and what clients were told against each other: docs/invariants.md, line by line. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../client.ts';
import type { Ledger } from '../ledger.ts';
import { byteViolations, orphansOf } from './bytes.ts';
import { channelViolations } from './channels.ts';
import { contentViolations } from './contents.ts';
import { rowViolations } from './rows.ts';
import { withSnapshot } from './snapshot.ts';
import { streamViolations } from './streams.ts';
import { uploadViolations } from './uploads.ts';
import { versionViolations } from './versions.ts';

/** The start sweeps in the background. */
const SWEPT_WITHIN_MS = 5_000;

/** What holds at any moment, of a folder that nobody has open: right after the kill. */
export function folderViolations(folder: string): string[] {
  return withSnapshot(folder, byteViolations) ?? [];
}

/** What holds after a restart, of a folder that nobody has open. */
export function restartedFolderViolations(folder: string): string[] {
  const violations = withSnapshot(folder, (snapshot) => [...rowViolations(snapshot), ...byteViolations(snapshot)]);
  return violations ?? ['there is no database'];
}

/** What the emulator answers, against what its clients were told. */
export async function answerViolations(port: number, ledger: Ledger): Promise<string[]> {
  const client = new Client(port);
  try {
    return [
      ...(await contentViolations(client, ledger)),
      ...(await versionViolations(client, ledger)),
      ...(await uploadViolations(client, ledger)),
      ...(await channelViolations(client, ledger)),
      ...(await streamViolations(client, ledger)),
    ];
  } finally {
    client.close();
  }
}

/** The files that no row names when the emulator on the folder has swept them. */
export async function remainingOrphans(folder: string): Promise<readonly string[]> {
  const deadlineMs = performance.now() + SWEPT_WITHIN_MS;
  for (;;) {
    const orphans = withSnapshot(folder, orphansOf) ?? [];
    if (orphans.length === 0 || performance.now() > deadlineMs) return orphans;
    await delay(50);
  }
}
