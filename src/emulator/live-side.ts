import { systemClock } from '../base/clock.ts';
import { type Live, openLive } from '../live/live.ts';
import type { Core } from './core.ts';
import type { Stores } from './stores.ts';

/** ApsaraVideo Live: streams, recordings, callbacks, rooms, and their RPC operations. */
export function openLiveSide(core: Core, { metadata, leases, writes, objects, playlists }: Stores): Promise<Live> {
  const { config, clock, log, events, registry, endpoint, send } = core;
  return openLive({
    clock,
    realClock: systemClock,
    log,
    events,
    metadata,
    writes,
    objects,
    playlists,
    leases,
    endpoint,
    publishing: registry,
    send,
    options: {
      authMode: config.auth,
      domains: config.liveDomains,
      authKeys: config.liveAuthKeys,
      applications: config.liveApps,
      recordBucket: config.liveRecordBucket,
      maxSlices: config.liveMaxSlices,
      utcOffsetMs: config.liveUtcOffsetMs,
      hlsGraceMs: config.hlsGraceSec * 1000,
    },
  });
}
