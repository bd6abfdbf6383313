import { randomUUID } from 'node:crypto';
import { whyAuthKeyFails } from '../../aliyun/auth/auth-key.ts';
import { formatRpcTime } from '../../aliyun/auth/rpc-time.ts';
import { type Clock, startStopwatch } from '../../base/clock.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import type { Log } from '../../base/log.ts';
import { type StreamSource, sourceId, streamOf } from '../../base/push-source.ts';
import { NO_TOTALS } from '../../media/stat.ts';
import { heldElsewhere } from '../../storage/leases/held-elsewhere.ts';
import type { Holder, Lease, Leases } from '../../storage/leases/leases.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { PendingWrites } from '../../storage/metadata/pending-writes.ts';
import { Documents } from '../../storage/metadata/stored-documents.ts';
import { type WatchAddress, WatchRefused } from '../../watch/directory.ts';
import { ANY_DOMAIN, type Domains } from './domains.ts';
import type {
  OnlineStream,
  PublishingStream,
  PublishingStreams,
  StreamObserver,
  StreamPush,
} from './publishing-streams.ts';
import { isStreamName, MAX_NAME_BYTES } from './stream-name.ts';
import { STREAM_BLOCKS, STREAM_PUSHES, type StreamBlock } from './stream-records.ts';
import { StreamRefused } from './stream-refused.ts';

/** A key of the URL signing of a domain; a domain may have two. */
export interface DomainKey {
  /** `*` for every domain. */
  readonly domain: string;
  readonly key: string;
}

export interface StreamServiceDeps {
  readonly metadata: MetadataStore;
  readonly writes: PendingWrites;
  readonly clock: Clock;
  readonly log: Log;
  readonly domains: Domains;
  readonly leases: Leases;
  /** The pushes of this node. */
  readonly publishing: PublishingStreams;
  readonly authKeys: readonly DomainKey[];
  /** Called in this order at the begin and at the end of a stream. */
  readonly observers: readonly StreamObserver[];
}

/** A request to publish. */
export type StreamPushRequest = Omit<StreamPush, 'id' | 'startedMs' | 'endedMs'> & {
  /** Value of the `auth_key` parameter. */
  readonly authKey: string | undefined;
};

/** Either the push was admitted, or somebody has the lease of the stream. */
type Attempt<Publishing> =
  | { readonly admitted: Publishing; readonly holder?: undefined }
  | { readonly admitted?: undefined; readonly holder: Holder };

/** The streams of ApsaraVideo Live: admission, present pushes, past pushes and blocks. */
export class StreamService {
  readonly #deps: StreamServiceDeps;
  readonly #pushes: Documents<StreamPush>;
  readonly #blocks: Documents<StreamBlock>;
  /** How long each present push has lasted, by its id. */
  readonly #passedMs = new Map<string, () => number>();
  readonly #lock = new KeyedLock();

  constructor(deps: StreamServiceDeps) {
    this.#deps = deps;
    this.#pushes = new Documents(deps.metadata, STREAM_PUSHES, deps.log);
    this.#blocks = new Documents(deps.metadata, STREAM_BLOCKS, deps.log);
  }

  /**
   * Opens a push if its names are valid, the stream is not blocked, its URL is signed where that is required, and the
   * stream is not published already. `attach` registers the push in the same step; whoever attached it releases the lease of
   * the stream after its end.
   * @throws StreamRefused when the push is not permitted
   */
  async admit<Publishing extends PublishingStream>(
    { authKey, ...request }: StreamPushRequest,
    attach: (push: StreamPush, lease: Lease) => Promise<Publishing>,
  ): Promise<Publishing> {
    const { source } = request;
    const { domains, leases } = this.#deps;
    checkNames(source);
    for (;;) {
      const { admitted, holder } = await this.#lock.run(sourceId(source), async () => {
        if (source.domain !== ANY_DOMAIN && !domains.isAllowed(source.domain)) {
          throw new StreamRefused('NetStream.Publish.Denied', `The domain ${source.domain} does not exist.`);
        }
        await this.#refuseBlocked(source);
        this.#checkAuthKey(source, authKey, request.rawArgs);
        return this.#tryToOpen(request, attach);
      });
      if (!holder) return admitted;
      if (!(await leases.outlive(holder))) throw new StreamRefused('NetStream.Publish.BadName', 'Already publishing');
    }
  }

  async #tryToOpen<Publishing extends PublishingStream>(
    request: Omit<StreamPushRequest, 'authKey'>,
    attach: (push: StreamPush, lease: Lease) => Promise<Publishing>,
  ): Promise<Attempt<Publishing>> {
    const { clock, domains, leases, observers } = this.#deps;
    const { source } = request;
    const push = { ...request, id: randomUUID(), startedMs: clock.now(), endedMs: null };
    const { id: sessionId, startedMs, remoteAddr, localAddr, publishDomain } = push;
    const about = { startedMs, remoteAddr, localAddr, publishDomain };
    const leased = { source: sourceId(source), sessionId, push: about };
    const { lease, holder } = await leases.acquire(leased);
    if (!lease) return { holder };
    let isAttached = false;
    try {
      if (lease.isTakeover) await this.#closeBrokenOf(source);
      if (source.domain !== ANY_DOMAIN) await domains.addPushed(source.domain);
      await this.#put(push);
      this.#passedMs.set(push.id, startStopwatch(clock));
      const registered = await attach(push, lease).catch(async (error) => {
        await this.#end(push);
        throw error;
      });
      isAttached = true;
      for (const observer of observers) await observer.published(registered);
      return { admitted: registered };
    } catch (error) {
      if (!isAttached) await lease.release();
      throw error;
    }
  }

  /**
   * Checks the `auth_key` of a play address. It must belong to the domain in the address, or to the domain of the push
   * when the host is no domain.
   * @throws WatchRefused when the key is wrong
   */
  checkPlay(source: StreamSource, { host, extension, authKey }: WatchAddress): void {
    const { domains, authKeys } = this.#deps;
    const isDomain = domains.isKnown(host) || authKeys.some((entry) => entry.domain === host);
    const reason = this.#whyAuthKeyFails({ ...source, domain: isDomain ? host : source.domain }, extension, authKey);
    if (reason !== undefined) throw new WatchRefused(403, 'The auth_key is not valid.', reason);
  }

  /** Called after a push has ended and is stored. */
  async ended(registered: PublishingStream): Promise<void> {
    await this.#end(registered.push);
    for (const observer of this.#deps.observers) await observer.ended(registered);
  }

  /**
   * Ends the pushes that a crash left open, of this process or of another node: those that nobody has a lease for. Their end
   * is unknown, so it is set to their start.
   */
  async closeBroken(): Promise<void> {
    const { leases } = this.#deps;
    // Read first: a push that begins later is refused the lease below, instead of being taken for a broken one.
    const held = new Set((await leases.held()).map(({ sessionId }) => sessionId));
    const open = await this.#pushes.listOpen();
    const broken = open.filter(({ name }) => !held.has(name));
    const sources = new Map(broken.map(({ scope, body }) => [scope, body.source]));
    for (const [id, source] of sources) {
      const { lease } = await leases.acquire({ source: id, sessionId: randomUUID() });
      if (!lease) continue;
      try {
        await this.#closeBrokenOf(source);
      } finally {
        await lease.release();
      }
    }
  }

  /** The caller holds the lease. */
  async #closeBrokenOf(source: StreamSource): Promise<void> {
    for (const { body: push } of await this.#pushes.listOpen(sourceId(source))) {
      await this.#put({ ...push, endedMs: push.startedMs });
    }
  }

  /** All stored pushes, oldest first. */
  async pushes(): Promise<readonly StreamPush[]> {
    const pushes = await this.#pushes.list();
    return pushes.map(({ body }) => body);
  }

  /** The stored pushes of a domain. */
  async history(domain: string): Promise<readonly StreamPush[]> {
    return (await this.pushes()).filter(({ source }) => this.#deps.domains.reaches(domain, source.domain));
  }

  /** The sources of the stored pushes of a stream, in every domain that `domain` reaches. */
  async sources(domain: string, app: string, stream: string): Promise<readonly StreamSource[]> {
    const found = new Map<string, StreamSource>();
    for (const { source } of await this.history(domain)) {
      const isMeant = (app === '*' || source.app === app) && (stream === '*' || source.stream === stream);
      if (isMeant) found.set(sourceId(source), source);
    }
    return [...found.values()];
  }

  /** The present pushes of a domain to this node, oldest first. */
  online(domain: string): readonly PublishingStream[] {
    return [...this.#deps.publishing.streams()].filter(({ push }) =>
      this.#deps.domains.reaches(domain, push.source.domain),
    );
  }

  /** The present pushes of all domains, or of one, to any node, oldest first. */
  async onlineAnywhere(domain?: string): Promise<readonly OnlineStream[]> {
    const { leases, publishing, domains } = this.#deps;
    const here: readonly OnlineStream[] = [...publishing.streams()];
    const elsewhere = [...(await heldElsewhere(leases)).values()].map((holder) => onlineElsewhere(holder, leases));
    const meant = [here, elsewhere]
      .flat()
      .filter((online) => online !== undefined)
      .filter(({ push }) => domain === undefined || domains.reaches(domain, push.source.domain));
    return elsewhere.length === 0 ? meant : meant.sort((a, b) => a.push.startedMs - b.push.startedMs);
  }

  /** Blocks a stream; `false` when it is blocked already. */
  async block(domain: string, block: StreamBlock): Promise<boolean> {
    const name = `${block.app}/${block.stream}`;
    const before = await this.#blocks.get(domain, name);
    if (before && before.body.resumeMs > this.#deps.clock.now()) return false;
    await this.#blocks.put({ scope: domain, name, createdMs: this.#deps.clock.now(), body: block });
    return true;
  }

  /** Removes all blocks of the stream, in all applications when `app` is `*`. */
  async unblock(domain: string, app: string, stream: string): Promise<void> {
    for (const { scope, name, body } of await this.#blocks.list(domain)) {
      if (body.stream === stream && (app === '*' || body.app === app)) await this.#blocks.delete(scope, name);
    }
  }

  async blocked(domain: string): Promise<readonly StreamBlock[]> {
    const nowMs = this.#deps.clock.now();
    const blocks = await this.#blocks.list(domain);
    return blocks.map(({ body }) => body).filter(({ resumeMs }) => resumeMs > nowMs);
  }

  /** Deletes the stored pushes that began before. */
  async forget(beforeMs: number): Promise<void> {
    await this.#pushes.forget(beforeMs);
  }

  /** The time may be set during a push. Its end is its start and the time that has passed, so that its length is right. */
  async #end(push: StreamPush): Promise<void> {
    const endedMs = push.startedMs + (this.#passedMs.get(push.id)?.() ?? 0);
    this.#passedMs.delete(push.id);
    await this.#deps.writes.make(`end of push ${push.id}`, () => this.#put({ ...push, endedMs }));
  }

  #put(push: StreamPush): Promise<void> {
    const { id: name, startedMs: createdMs, source } = push;
    return this.#pushes.put({ scope: sourceId(source), name, createdMs, body: push });
  }

  async #refuseBlocked({ domain, app, stream }: StreamSource): Promise<void> {
    const nowMs = this.#deps.clock.now();
    for (const { scope, body } of await this.#blocks.list()) {
      if (body.app !== app || body.stream !== stream || body.resumeMs <= nowMs) continue;
      if (!this.#deps.domains.reaches(scope, domain)) continue;
      const until = formatRpcTime(body.resumeMs);
      throw new StreamRefused('NetStream.Publish.Denied', `The stream is forbidden until ${until}.`);
    }
  }

  #checkAuthKey(source: StreamSource, text: string | undefined, rawArgs: string): void {
    const failure = this.#whyAuthKeyFails(source, '', text);
    if (failure === undefined) return;
    const isEscaped = text === undefined && /(^|&)amp;/.test(rawArgs);
    const reason = isEscaped ? 'the URL has "&amp;" in place of "&": it was copied from HTML or XML' : failure;
    throw new StreamRefused('NetStream.Publish.Unauthorized', `The auth_key is not valid: ${reason}.`, reason);
  }

  #whyAuthKeyFails(
    { domain, app, stream }: StreamSource,
    extension: string,
    text: string | undefined,
  ): string | undefined {
    const { authKeys, clock } = this.#deps;
    const meant = authKeys.filter((entry) => entry.domain === domain || entry.domain === '*');
    if (meant.length === 0) return undefined;
    const keys = meant.map(({ key }) => key);
    return whyAuthKeyFails(text, { path: `/${app}/${stream}${extension}`, keys, nowMs: clock.now() });
  }
}

/** Undefined for what is no push of a stream. */
function onlineElsewhere(holder: Holder, leases: Leases): OnlineStream | undefined {
  const { node, sessionId: id, push, state } = holder;
  const source = streamOf(holder.source);
  if (!source || !push) return undefined;
  const { startedMs, remoteAddr, localAddr = '', publishDomain = '' } = push;
  return {
    push: { id, source, startedMs, remoteAddr, localAddr, publishDomain },
    node,
    stat: () => state?.stat ?? {},
    totals: () => state?.totals ?? NO_TOTALS,
    cut: (code, description) => leases.ask(holder, { code, description }),
  };
}

function checkNames({ app, stream }: StreamSource): void {
  for (const [what, name] of [
    ['application', app],
    ['stream', stream],
  ] as const) {
    if (isStreamName(name)) continue;
    throw new StreamRefused(
      'NetStream.Publish.BadName',
      `The name of the ${what} must be 1 to ${MAX_NAME_BYTES} bytes without / ? # & % and control characters.`,
    );
  }
}
