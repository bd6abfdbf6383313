import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { UsageError } from '../errors.ts';
import type { EventOf, Events } from '../events/events.ts';
import { readFields } from '../fields.ts';
import { loadClip } from './clip.ts';
import { Push } from './push.ts';
import { type PublishRequest, publishRequestSchema } from './request.ts';

/** Finished ones that are still listed. */
const MAX_REMEMBERED = 100;

/** Where a push goes. */
export interface PublishTarget {
  readonly bucket: string;
  /** Signed, good for long enough. */
  readonly url: string;
}

export interface PublishesDeps {
  readonly clock: Clock;
  readonly events: Events;
  /** Makes the channel if there is none, and signs for it. */
  readonly prepare: (request: PublishRequest) => Promise<PublishTarget>;
}

/** A push of a clip that was begun here. */
export interface Publication {
  readonly id: string;
  readonly request: PublishRequest;
  readonly bucket: string;
  readonly channel: string;
  readonly state: 'running' | 'ended' | 'failed';
  /** Media sent so far. */
  readonly sentMs: number;
  /** Why it failed. */
  readonly detail: string | null;
  /** Resolves when everything it sent is stored and listed; rejects when the push failed. */
  readonly done: Promise<void>;
  /** Ends it as an encoder does that is stopped; resolves when everything it sent is stored and listed. */
  stop(): Promise<void>;
  /** Drops the connection, as an encoder that died. */
  kill(): void;
}

/** The pushes of clips that were asked for, each over a real RTMP connection. */
export class Publishes {
  readonly #deps: PublishesDeps;
  readonly #all = new Map<string, Publication>();

  constructor(deps: PublishesDeps) {
    this.#deps = deps;
  }

  /** Resolves when the push was accepted. @throws UsageError, RtmpRefusedError */
  async start(input: PublishRequest): Promise<Publication> {
    const request = readFields(publishRequestSchema, input, 'The publish request');
    if (request.clip !== undefined && request.pattern !== undefined) {
      throw new UsageError('The publish request: give clip or pattern, not both.');
    }
    const clip = await loadClip(request.clip);
    const { bucket, url } = await this.#deps.prepare(request);
    const { clock, events } = this.#deps;
    const durationMs = request.durationSec === undefined ? {} : { durationMs: request.durationSec * 1000 };
    const before = events.lastId;
    const push = await Push.start({ url, clip, clock, speed: request.speed ?? 'realtime', ...durationMs });
    const isOurs = ({ remoteAddr }: EventOf<'publish.accepted'>) => remoteAddr === push.localAddr;
    const { sessionId } = await events.waitFor('publish.accepted', isOurs, { after: before });
    const stored = events.waitFor('publish.ended', (event) => event.sessionId === sessionId, { after: before });
    const publication = new RunningPublication({ request, bucket, push, stored });
    this.#remember(publication);
    return publication;
  }

  find(id: string): Publication | undefined {
    return this.#all.get(id);
  }

  list(): readonly Publication[] {
    return [...this.#all.values()];
  }

  /** Ends every push without ceremony, and forgets them all. */
  clear(): void {
    for (const publication of this.#all.values()) publication.kill();
    this.#all.clear();
  }

  #remember(publication: Publication): void {
    this.#all.set(publication.id, publication);
    for (const [id, { state }] of this.#all) {
      if (this.#all.size <= MAX_REMEMBERED) break;
      if (state !== 'running') this.#all.delete(id);
    }
  }
}

interface Parts {
  readonly request: PublishRequest;
  readonly bucket: string;
  readonly push: Push;
  readonly stored: Promise<unknown>;
}

class RunningPublication implements Publication {
  readonly id = randomUUID();
  readonly request: PublishRequest;
  readonly bucket: string;
  readonly channel: string;
  readonly done: Promise<void>;
  readonly #push: Push;
  state: Publication['state'] = 'running';
  detail: string | null = null;

  constructor({ request, bucket, push, stored }: Parts) {
    this.request = request;
    this.bucket = bucket;
    this.channel = request.channel;
    this.#push = push;
    this.done = this.#finish(stored);
    // Whoever is interested asks `done` or `state`.
    this.done.catch(() => {});
  }

  get sentMs(): number {
    return this.#push.sentMs;
  }

  async stop(): Promise<void> {
    this.#push.stop();
    await this.done;
  }

  kill(): void {
    this.#push.destroy();
  }

  async #finish(stored: Promise<unknown>): Promise<void> {
    try {
      await this.#push.done;
      await stored;
      this.state = 'ended';
    } catch (error) {
      this.state = 'failed';
      this.detail = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }
}
