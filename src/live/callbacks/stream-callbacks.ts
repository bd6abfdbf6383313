import * as v from 'valibot';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { redact } from '../../base/redact.ts';
import { flag } from '../../base/schema.ts';
import type { EmulatorEvent, EventOf, Events } from '../../events/events.ts';
import { hostOf } from '../../net/socket-addresses.ts';
import { logFailedRequest } from '../../storage/machine-fault.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { type DocumentKind, Documents } from '../../storage/metadata/stored-documents.ts';
import { ANY_DOMAIN, type Domains } from '../streams/domains.ts';
import type { PublishingStream, StreamObserver } from '../streams/publishing-streams.ts';
import { callbackSignature, type Outbox } from './outbox.ts';

/** A stream that lasts shorter is not announced. Source: "Stream ingest callbacks" page ("about 2 seconds"). */
const ANNOUNCE_DELAY_MS = 2_000;

/** The target of callbacks about the begin and end of streams. */
export interface StreamNotifyConfig {
  readonly notifyUrl: string;
  readonly exceptionNotifyUrl: string;
  readonly notifyReqAuth: boolean;
  readonly notifyAuthKey: string;
}

/** The target of callbacks about recordings and their files. */
export interface RecordNotifyConfig {
  readonly notifyUrl: string;
  readonly needStatusNotify: boolean;
  readonly onDemandUrl: string;
  readonly notifyReqAuth: boolean;
  readonly notifyAuthKey: string;
}

export const STREAM_NOTIFY_CONFIGS: DocumentKind<StreamNotifyConfig> = {
  kind: 'stream-notify',
  body: v.looseObject({
    notifyUrl: v.string(),
    exceptionNotifyUrl: v.string(),
    notifyReqAuth: flag,
    notifyAuthKey: v.string(),
  }),
};

export const RECORD_NOTIFY_CONFIGS: DocumentKind<RecordNotifyConfig> = {
  kind: 'record-notify',
  body: v.looseObject({
    notifyUrl: v.string(),
    needStatusNotify: flag,
    onDemandUrl: v.string(),
    notifyReqAuth: flag,
    notifyAuthKey: v.string(),
  }),
};

export interface StreamCallbacksDeps {
  readonly metadata: MetadataStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly domains: Domains;
  readonly outbox: Outbox;
}

type RecordEvent = EventOf<
  'live.record-started' | 'live.record-paused' | 'live.record-resumed' | 'live.record-finished'
>;

/** Sends callbacks about streams and recordings. A domain has one configuration of each kind. */
export class StreamCallbacks implements StreamObserver {
  readonly streamConfigs: Documents<StreamNotifyConfig>;
  readonly recordConfigs: Documents<RecordNotifyConfig>;
  readonly #deps: StreamCallbacksDeps;
  /** Streams whose begin is not announced yet. */
  readonly #announcements = new Map<PublishingStream, Timer>();
  /** Callbacks that are being prepared. */
  readonly #working = new Set<Promise<void>>();
  readonly #unsubscribe: () => void;

  constructor(deps: StreamCallbacksDeps) {
    this.#deps = deps;
    this.streamConfigs = new Documents(deps.metadata, STREAM_NOTIFY_CONFIGS, deps.log);
    this.recordConfigs = new Documents(deps.metadata, RECORD_NOTIFY_CONFIGS, deps.log);
    this.#unsubscribe = deps.events.subscribe((event) => {
      if (isRecordEvent(event)) this.#inBackground(this.#tellRecord(event));
    });
  }

  async published(publishing: PublishingStream): Promise<void> {
    const timer = this.#deps.clock.setTimeout(() => {
      this.#announcements.delete(publishing);
      this.#inBackground(this.#tellStream(publishing, 'publish'));
    }, ANNOUNCE_DELAY_MS);
    this.#announcements.set(publishing, timer);
  }

  async ended(publishing: PublishingStream): Promise<void> {
    const unannounced = this.#announcements.get(publishing);
    unannounced?.cancel();
    this.#announcements.delete(publishing);
    if (!unannounced) await this.#tellStream(publishing, 'publish_done');
  }

  /** Resolves when the callbacks about all earlier events are in the outbox. */
  async close(): Promise<void> {
    this.#unsubscribe();
    for (const timer of this.#announcements.values()) timer.cancel();
    await Promise.all(this.#working);
  }

  async #tellStream(publishing: PublishingStream, action: 'publish' | 'publish_done'): Promise<void> {
    const { clock, outbox } = this.#deps;
    const { source, publishDomain } = publishing.push;
    const config = await this.#find(this.streamConfigs, source.domain);
    if (!config?.body.notifyUrl) return;
    const nowSec = Math.floor(clock.now() / 1000);
    const domain = source.domain === ANY_DOMAIN ? publishDomain : source.domain;
    const url = new URL(config.body.notifyUrl);
    for (const [name, value] of streamFields(publishing, action, domain, nowSec)) url.searchParams.set(name, value);
    const { app, stream } = source;
    const headers = authHeaders(config.body, config.scope, nowSec);
    const subject = { domain: config.scope, app, stream };
    outbox.send({ subject, action, url: url.href, body: undefined, headers });
  }

  async #tellRecord(event: RecordEvent): Promise<void> {
    const { clock, outbox } = this.#deps;
    const config = await this.#find(this.recordConfigs, event.domain);
    if (!config) return;
    const isFile = event.type === 'live.record-finished';
    if (!isFile && !config.body.needStatusNotify) return;
    const { app, stream } = event;
    const about = { domain: event.domain === ANY_DOMAIN ? config.scope : event.domain, app, stream };
    const fields = isFile ? fileFields(event) : { event: event.type.replace('live.record-', 'record_') };
    const headers = {
      'content-type': 'application/json',
      ...authHeaders(config.body, config.scope, Math.floor(clock.now() / 1000)),
    };
    const action = isFile ? 'record_file' : event.type.replace('live.record-', 'record_');
    const body = JSON.stringify({ ...about, ...fields });
    const subject = { domain: config.scope, app, stream };
    outbox.send({ subject, action, url: config.body.notifyUrl, body, headers });
  }

  /** The configuration of the domain itself, otherwise that of a domain that reaches it. */
  async #find<Body>(configs: Documents<Body>, domain: string) {
    const all = await configs.list();
    return (
      all.find(({ scope }) => scope === domain) ?? all.find(({ scope }) => this.#deps.domains.reaches(scope, domain))
    );
  }

  #inBackground(work: Promise<void>): void {
    const settled = work
      .catch((error) => logFailedRequest(this.#deps.log, error, { what: 'callbacks of a stream' }))
      .finally(() => this.#working.delete(settled));
    this.#working.add(settled);
  }
}

function isRecordEvent(event: EmulatorEvent): event is RecordEvent {
  return event.type.startsWith('live.record-');
}

function streamFields(
  publishing: PublishingStream,
  action: string,
  domain: string,
  nowSec: number,
): readonly (readonly [name: string, value: string])[] {
  const { source, remoteAddr, localAddr, rawArgs } = publishing.push;
  const { video } = publishing.stat();
  const size = action === 'publish' && video ? { height: video.height, width: video.width } : {};
  return [
    ['action', action],
    ['ip', hostOf(remoteAddr)],
    ['id', source.stream],
    ['app', domain],
    ['appname', source.app],
    ['time', String(nowSec)],
    ['usrargs', redact(rawArgs)],
    ['node', hostOf(localAddr)],
    ...Object.entries(size).map(([name, value]) => [name, String(value)] as const),
  ];
}

function fileFields({ key, durationMs, startMs, endMs }: EventOf<'live.record-finished'>) {
  return {
    uri: key,
    duration: Math.round(durationMs) / 1000,
    start_time: Math.floor(startMs / 1000),
    stop_time: Math.floor(endMs / 1000),
  };
}

function authHeaders(
  { notifyReqAuth, notifyAuthKey }: Pick<StreamNotifyConfig, 'notifyReqAuth' | 'notifyAuthKey'>,
  domain: string,
  nowSec: number,
): Readonly<Record<string, string>> {
  return notifyReqAuth ? callbackSignature(domain, nowSec, notifyAuthKey) : {};
}
