/** The clients that work at the same time, until the emulator is killed. */
import { setMaxListeners } from 'node:events';
import { Client, isConnectionLost, Refusal } from '../client.ts';
import type { Ledger } from '../ledger.ts';
import type { Random } from '../random.ts';
import { channelPusher } from './channel-pusher.ts';
import { eventReader } from './event-reader.ts';
import { lifecycleRunner } from './lifecycle-runner.ts';
import { messageSender } from './message-sender.ts';
import { objectWriter } from './object-writer.ts';
import { OBJECTS, VERSIONED } from './places.ts';
import { roomPusher } from './room-pusher.ts';
import { streamRecorder } from './stream-recorder.ts';
import { uploader } from './uploader.ts';
import { versionWriter } from './version-writer.ts';

export interface Desk {
  readonly client: Client;
  readonly ledger: Ledger;
  readonly random: Random;
  /** Tells one worker of a kind from another. */
  readonly name: string;
  /** Aborts when the emulator is gone: wait for nothing any more. */
  readonly gone: AbortSignal;
}

/** Works for ever, one change after the other; ends with the error of the connection when the emulator is killed. */
export type Worker = (desk: Desk) => Promise<never>;

const WORKERS: readonly (readonly [string, Worker])[] = [
  ['a', objectWriter],
  ['b', objectWriter],
  ['old', lifecycleRunner],
  ['u', uploader],
  ['v', versionWriter],
  ['cam-a', channelPusher],
  ['cam-b', channelPusher],
  ['stream', streamRecorder],
  ['room', roomPusher],
  ['messages', messageSender],
  ['events', eventReader],
];

/** Resolves when every client has lost the emulator: to the refusals, which none of them expects. */
export async function runLoad(port: number, ledger: Ledger, random: Random, gone: AbortSignal): Promise<string[]> {
  const refusals: string[] = [];
  const client = new Client(port);
  // Every worker listens to it.
  setMaxListeners(0, gone);
  try {
    await prepare(client, ledger);
    const working = WORKERS.map(([name, work]) => work({ client, ledger, random: random.split(), name, gone }));
    for (const outcome of await Promise.allSettled(working)) {
      if (outcome.status === 'rejected') note(outcome.reason);
    }
  } catch (error) {
    note(error);
  } finally {
    client.close();
  }
  return refusals;

  function note(error: unknown): void {
    if (error instanceof Refusal) refusals.push(`a client was refused: ${error.message}`);
    else if (!isConnectionLost(error)) throw error;
  }
}

/** What the workers take for granted. May be repeated after a crash within it. */
async function prepare(client: Client, ledger: Ledger): Promise<void> {
  if (ledger.isPrepared) return;
  await client.oss('PUT', `/${VERSIONED}`);
  const enabled = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
  await client.oss('PUT', `/${VERSIONED}`, { query: { versioning: '' }, body: enabled });
  const beforeTomorrow = `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}T00:00:00.000Z`;
  const expiration = `<Expiration><CreatedBeforeDate>${beforeTomorrow}</CreatedBeforeDate></Expiration>`;
  const rule = `<Rule><ID>old</ID><Prefix>old/</Prefix><Status>Enabled</Status>${expiration}</Rule>`;
  const body = `<LifecycleConfiguration>${rule}</LifecycleConfiguration>`;
  await client.oss('PUT', `/${OBJECTS}`, { query: { lifecycle: '' }, body });
  await client
    .live('AddLiveAppRecordConfig', {
      DomainName: 'example.com',
      AppName: '*',
      OssBucket: OBJECTS,
      OssEndpoint: `127.0.0.1:${client.port}`,
      'RecordFormat.1.Format': 'm3u8',
      'RecordFormat.1.SliceDuration': '5',
      'RecordFormat.1.OssObjectPrefix': 'record/{AppName}/{StreamName}/{EscapedStartTime}_{EscapedEndTime}',
      'RecordFormat.1.SliceOssObjectPrefix': 'record/{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}',
    })
    .catch((error: unknown) => {
      if (!(error instanceof Refusal && /ConfigAlreadyExists/.test(error.message))) throw error;
    });
  ledger.isPrepared = true;
}
