import type { RequestListener } from 'node:http';
import { DEFAULT_ACCOUNT } from '../base/account.ts';
import { systemClock } from '../base/clock.ts';
import { turnOfTheLoop } from '../base/turn-of-the-loop.ts';
import { requestEvent } from '../control-plane/control/request-event.ts';
import { restFaults } from '../control-plane/faults/request-faults.ts';
import { KeptRequests } from '../control-plane/requests/kept-requests.ts';
import { AccountAccessBlocks } from '../oss/access/account-access-blocks.ts';
import { createPublicKeyTaker } from '../oss/callback/public-key.ts';
import { UploadCallbacks } from '../oss/callback/upload-callbacks.ts';
import { ChannelService } from '../oss/channel/channel-service.ts';
import { VodService } from '../oss/channel/vod.ts';
import { Lifecycle } from '../oss/lifecycle/lifecycle.ts';
import { createRestApp } from '../oss/rest/rest-app.ts';
import { closeBrokenSessions, closeBrokenSessionsOf } from '../recording/fragments/recovery.ts';
import { Uploads } from '../storage/objects/uploads.ts';
import type { Core } from './core.ts';
import type { SigningCertificate } from './signing-certificate.ts';
import type { TakeRequest } from './split-requests.ts';
import type { Stores } from './stores.ts';

/** OSS: LiveChannels, and the REST API. */
export interface OssSide {
  readonly channels: ChannelService;
  readonly vod: VodService;
  readonly accessBlocks: AccountAccessBlocks;
  /** Not started yet. */
  readonly lifecycle: Lifecycle;
  readonly rest: RequestListener;
  /** Serves the key that verifies upload callbacks. */
  readonly take: TakeRequest;
  readonly callbacks: UploadCallbacks;
  /** For people who want to make a request again. */
  readonly requests: KeptRequests;
  /** Ends the pushes that a process which died left open. */
  closeBroken(): Promise<void>;
}

export function createOssSide(
  core: Core,
  { metadata, leases, writes, bytes, objects, playlists }: Stores,
  signing: SigningCertificate,
): OssSide {
  const { config, clock, readPresent, log, events, faults, registry, keys, endpoint, send } = core;
  const { region, auth: authMode, publicUrl } = config;
  const { playlistExtensions: extensions } = config;
  const recovery = { clock, events, log, metadata, leases, playlists, extensions };
  const channels = new ChannelService({
    metadata,
    leases,
    publishing: registry,
    closeBroken: (channel, fence) => closeBrokenSessionsOf(channel, fence, recovery),
    clock,
    writes,
  });
  const vod = new VodService(metadata, playlists);
  const accessBlocks = new AccountAccessBlocks(metadata);
  const uploads = new Uploads({ metadata, bytes, clock, objects });
  const lifecycle = new Lifecycle({ metadata, leases, objects, uploads, clock, events, log, turn: turnOfTheLoop });
  const callbacks = new UploadCallbacks({
    clock: systemClock,
    log,
    ownerId: DEFAULT_ACCOUNT,
    privateKeyPem: async () => (await signing()).key,
    send,
  });
  const requests = new KeptRequests();
  const app = createRestApp({
    services: {
      metadata,
      objects,
      uploads,
      accessBlocks,
      channels,
      vod,
      callbacks,
      lifecycle,
      keys,
      clock,
      realClock: systemClock,
      region,
    },
    readPresent,
    options: { endpoint, authMode, signingRegion: region, ...(publicUrl !== undefined && { publicUrl }) },
    log,
    onAnswered: (request) => {
      requests.note(request);
      events.emit(requestEvent(request));
    },
    findFault: restFaults(faults, clock),
  });
  const take = createPublicKeyTaker(async () => (await signing()).certificate);
  return {
    channels,
    vod,
    accessBlocks,
    lifecycle,
    rest: app.callback(),
    take,
    callbacks,
    requests,
    closeBroken: () => closeBrokenSessions(recovery),
  };
}
