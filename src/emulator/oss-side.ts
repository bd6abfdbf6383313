import type { RequestListener } from 'node:http';
import { turnOfTheLoop } from '../base/controllable-clock.ts';
import { requestEvent } from '../control-plane/control/request-event.ts';
import { restFaults } from '../control-plane/faults/request-faults.ts';
import { ChannelService } from '../oss/channel/channel-service.ts';
import { VodService } from '../oss/channel/vod.ts';
import { Lifecycle } from '../oss/lifecycle/lifecycle.ts';
import { createRestApp } from '../oss/rest/rest-app.ts';
import { Uploads } from '../storage/objects/uploads.ts';
import type { Core } from './core.ts';
import type { Stores } from './stores.ts';

/** OSS: LiveChannels, and the REST API. */
export interface OssSide {
  readonly channels: ChannelService;
  readonly vod: VodService;
  /** Not started yet. */
  readonly lifecycle: Lifecycle;
  readonly rest: RequestListener;
}

export function createOssSide(core: Core, { metadata, writes, bytes, objects, playlists }: Stores): OssSide {
  const { config, clock, log, events, faults, registry, keys, endpoint } = core;
  const { region, auth: authMode, publicUrl } = config;
  const channels = new ChannelService({ metadata, publishing: registry, clock, writes });
  const vod = new VodService(metadata, playlists);
  const uploads = new Uploads({ metadata, bytes, clock, objects });
  const lifecycle = new Lifecycle({ metadata, objects, uploads, clock, events, log, turn: turnOfTheLoop });
  const app = createRestApp({
    services: { metadata, objects, uploads, channels, vod, lifecycle, keys, clock, region },
    options: { endpoint, authMode, ...(publicUrl !== undefined && { publicUrl }) },
    log,
    onAnswered: (request) => events.emit(requestEvent(request)),
    findFault: restFaults(faults, clock),
  });
  return { channels, vod, lifecycle, rest: app.callback() };
}
