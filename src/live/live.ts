/** ApsaraVideo Live as a whole, for the composition root. */
import type { AuthMode } from '../auth/mode.ts';
import type { KeyRing } from '../auth/request.ts';
import type { Clock } from '../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Log } from '../log.ts';
import type { MetadataStore } from '../metadata/store.ts';
import { LiveApi } from './api.ts';
import { Domains } from './domains.ts';
import { Explanations } from './explanations.ts';
import { createLiveHttp } from './http.ts';
import type { LiveStreams } from './live-streams.ts';
import { LIVE_OPERATIONS } from './operations.ts';
import { type DomainKey, StreamService } from './streams.ts';

export interface LiveOptions {
  readonly authMode: AuthMode;
  readonly publicUrl: string | undefined;
  /** If there are any, no other domains exist but those that are added. */
  readonly domains: readonly string[];
  readonly authKeys: readonly DomainKey[];
}

export interface LiveDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly metadata: MetadataStore;
  readonly keys: KeyRing;
  readonly endpoint: Endpoint;
  readonly live: LiveStreams;
  readonly options: LiveOptions;
}

export interface Live {
  readonly domains: Domains;
  readonly streams: StreamService;
  readonly take: ReturnType<typeof createLiveHttp>;
}

export async function openLive(deps: LiveDeps): Promise<Live> {
  const { clock, log, metadata, keys, endpoint, live, options } = deps;
  const { authMode, authKeys, publicUrl } = options;
  const domains = await Domains.open(metadata, clock, options.domains);
  const streams = new StreamService({ metadata, clock, domains, live, authKeys, observers: [] });
  await streams.closeBroken();
  const explanations = new Explanations();
  const services = { clock, domains, streams };
  const api = new LiveApi({ ...{ services, keys, authMode, explanations, clock, log }, operations: LIVE_OPERATIONS });
  const take = createLiveHttp({ api, explanations, endpoint, ...(publicUrl !== undefined && { publicUrl }) });
  return { domains, streams, take };
}
