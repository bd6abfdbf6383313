import { rpcFaults } from '../control-plane/faults/request-faults.ts';
import { type Live, openLive } from '../live/live.ts';
import type { Core } from './core.ts';
import type { Stores } from './stores.ts';

/** ApsaraVideo Live: streams, recordings, callbacks, rooms, and the RPC API. */
export function openLiveSide(core: Core, { metadata, writes, objects, playlists }: Stores): Promise<Live> {
  const { config, clock, readPresent, log, events, faults, registry, keys, endpoint } = core;
  return openLive({
    clock,
    readPresent,
    log,
    events,
    metadata,
    writes,
    objects,
    playlists,
    keys,
    endpoint,
    publishing: registry,
    findFault: rpcFaults(faults, clock),
    options: {
      authMode: config.auth,
      publicUrl: config.publicUrl,
      domains: config.liveDomains,
      authKeys: config.liveAuthKeys,
      applications: config.liveApps,
      recordBucket: config.liveRecordBucket,
      maxSlices: config.liveMaxSlices,
      utcOffsetMs: config.liveUtcOffsetMs,
    },
  });
}
