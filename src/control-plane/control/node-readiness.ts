import { systemClock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Config } from '../../config/config.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { ObjectStore } from '../../storage/objects/object-store.ts';
import { shownObjectsUrl } from '../../storage/objects/remote/objects-url.ts';
import type { StoreName } from '../../storage/outages.ts';
import { shownDatabaseUrl } from '../../storage/postgres/shown-database-url.ts';
import type { NewerDatabase } from './newer-database.ts';
import { ownServer } from './own-server.ts';
import { type Component, checkReadiness } from './readiness.ts';
import { SharedResult } from './shared-result.ts';
import { ToldReadiness } from './told-readiness.ts';

/** Load balancers ask several times in a second. */
const KEPT_MS = 2_000;

export interface NodeReadinessDeps {
  readonly config: Config;
  readonly log: Log;
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  /** The main port, and the second one for RTMP. */
  readonly addresses: () => { readonly port: number; readonly rtmpPort: number | undefined };
  /** Whether a store on another machine is away, after something has failed that may be because of that. */
  readonly isAway: (store: StoreName) => Promise<boolean>;
  /** Rejects when the segmenter of the configuration cannot run. */
  readonly checkSegmenter: (signal: AbortSignal) => Promise<unknown>;
}

/** Whether every part of this node works. Checked in real time, and told to the log. */
export class NodeReadiness {
  readonly #deps: NodeReadinessDeps;
  readonly #newerDatabase: Pick<NewerDatabase, 'reason'>;
  readonly #checked = new SharedResult(systemClock, KEPT_MS, () => this.#check());
  readonly #told: ToldReadiness;

  constructor(deps: NodeReadinessDeps, newerDatabase: Pick<NewerDatabase, 'reason'>) {
    this.#deps = deps;
    this.#newerDatabase = newerDatabase;
    this.#told = new ToldReadiness({ clock: systemClock, log: deps.log, isAway: deps.isAway });
  }

  /** Checked at most once in some seconds, because that may start a process, writes bytes, and connects to every port. */
  components(): Promise<readonly Component[]> {
    return this.#checked.get();
  }

  async #check(): Promise<readonly Component[]> {
    const { metadata, bytes, config, checkSegmenter, addresses } = this.#deps;
    const { port, rtmpPort } = addresses();
    const http = ownServer(config, port);
    const components = await checkReadiness({
      clock: systemClock,
      http,
      rtmp: rtmpPort === undefined ? [http] : [http, ownServer(config, rtmpPort)],
      metadata,
      newerDatabase: this.#newerDatabase.reason,
      bytes,
      storage: config.memory ? 'in memory' : config.dataDir,
      database: config.metadata === undefined ? undefined : shownDatabaseUrl(config.metadata),
      objects: config.objects === undefined ? undefined : shownObjectsUrl(config.objects),
      segmenter: config.segmenter,
      checkSegmenter,
    });
    // Not waited for: the answer is not later by it.
    this.#told.tell(components);
    return components;
  }
}
