import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { ingestFaults } from '../control-plane/faults/push-faults.ts';
import { createPublishHandler } from '../ingest/publish-handler.ts';
import type { PushOverload } from '../ingest/push-overload.ts';
import type { Live } from '../live/live.ts';
import { socketAddresses } from '../net/socket-addresses.ts';
import type { SnapshotService } from '../notify/snapshot/snapshot-service.ts';
import type { AccountAccessBlocks } from '../oss/access/account-access-blocks.ts';
import type { ChannelService } from '../oss/channel/channel-service.ts';
import type { MuxerFactory } from '../recording/segmenter/segmenter.ts';
import { RtmpConnection } from '../rtmp/connection.ts';
import { DEFAULT_RTMP_LIMITS } from '../rtmp/limits.ts';
import type { ReadingPace } from '../rtmp/reading-pace.ts';
import { LEASE_MS } from '../storage/leases/postgres-leases.ts';
import type { Core } from './core.ts';
import type { Stores } from './stores.ts';

/** A publisher may have to wait until the lease of a node that died has ended. */
const PATIENT_SETUP_MS = DEFAULT_RTMP_LIMITS.setupMs + LEASE_MS;

export interface IngestParts {
  readonly channels: ChannelService;
  readonly accessBlocks: AccountAccessBlocks;
  readonly live: Live;
  readonly snapshots: SnapshotService;
  readonly muxer: MuxerFactory;
  readonly overload: PushOverload;
  readonly pace: ReadingPace;
  /** Of the connections, below the clock of the emulator. */
  readonly realClock: Clock;
}

/** Pushes over RTMP: returns the listener of new connections. */
export function createIngestSide(
  core: Core,
  { metadata, leases, bytes, playlists }: Stores,
  { channels, accessBlocks, live, snapshots, muxer, overload, pace, realClock }: IngestParts,
): (socket: Socket) => void {
  const { config, clock, log, events, faults, registry, keys, endpoint } = core;
  const handler = createPublishHandler({
    clock,
    log,
    events,
    registry,
    keys,
    endpoint,
    metadata,
    bytes,
    playlists,
    playlistExtensions: config.playlistExtensions,
    channels,
    accessBlocks,
    region: config.region,
    domains: live.domains,
    streams: live.streams,
    rooms: live.rooms,
    snapshots,
    muxer,
    overload,
    faults: ingestFaults(faults, clock),
    authMode: config.auth,
    disableDelayMs: config.disableDelaySec * 1000,
  });
  const idleMs = config.idleTimeoutSec * 1000;
  const limits = leases.isShared ? { idleMs, setupMs: PATIENT_SETUP_MS } : { idleMs };
  return (socket) => {
    // TLS delivers record by record, a few hundred bytes each: a pause after every one would slow the stream down.
    const addresses = socketAddresses(socket);
    const paced = addresses.isSecure ? {} : { pace };
    new RtmpConnection(socket, addresses, { handler, timers: clock, realTimers: realClock, limits, ...paced }).start();
  };
}
