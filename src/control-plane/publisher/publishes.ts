import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { readFields } from '../../base/schema.ts';
import type { EmulatorEvent, EventOf, Events, Stamped } from '../../events/events.ts';
import { parseRtmpUrl } from '../../rtmp/url.ts';
import { loadClip } from './clip.ts';
import { type PublishRequest, publishRequestSchema } from './publish-request.ts';
import { Push, type Server } from './push.ts';

/** Finished ones that are still listed. */
const MAX_REMEMBERED = 100;

/** Where a push goes. */
export interface PublishTarget {
  /** Null when it is none that was asked for, but an address. */
  readonly channel: { readonly bucket: string; readonly name: string } | null;
  /** Signed, good for long enough. */
  readonly url: string;
  /** This emulator, whatever host the URL names. */
  readonly server: Server;
}

export interface PublishesDeps {
  readonly clock: Clock;
  readonly events: Events;
  /** Makes the channel if there is none, and signs for it. An address stays as it is. */
  readonly prepare: (request: PublishRequest) => Promise<PublishTarget>;
}

/** A push of a clip that was begun here. */
export interface Publication {
  readonly id: string;
  readonly request: PublishRequest;
  /** Null when the push is to an address. */
  readonly bucket: string | null;
  readonly channel: string | null;
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
    checkChoices(request);
    const clip = await loadClip(request.clip);
    const { channel, url, server } = await this.#deps.prepare(request);
    const { clock, events } = this.#deps;
    const durationMs = request.durationSec === undefined ? {} : { durationMs: request.durationSec * 1000 };
    const before = events.lastId;
    const push = await Push.start({ url, server, clip, clock, speed: request.speed ?? 'realtime', ...durationMs });
    // The server tells of it before it lets the encoder begin.
    const accepted = events
      .since(before)
      .filter(isAcceptance)
      .find(({ remoteAddr }) => remoteAddr === push.localAddr);
    if (!accepted) throw new Error('nobody told of the push');
    const isEnd = ({ sessionId }: { readonly sessionId: string }) => sessionId === accepted.sessionId;
    const stored = events.waitFor(END_OF[accepted.type], isEnd, { after: before });
    const publication = new RunningPublication({ request, channel, push, stored });
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

/** What tells that a push was accepted, and what that everything it sent is stored. */
const END_OF = {
  'publish.accepted': 'publish.ended',
  'live.published': 'live.ended',
  'room.joined': 'room.left',
} as const;

type Acceptance = EventOf<keyof typeof END_OF>;

function isAcceptance(event: Stamped<EmulatorEvent>): event is Acceptance {
  return event.type in END_OF;
}

/** @throws UsageError */
function checkChoices({ channel, url, bucket, playlistName, clip, pattern }: PublishRequest): void {
  const wrong = (what: string) => new UsageError(`The publish request: ${what}.`);
  if (clip !== undefined && pattern !== undefined) throw wrong('give clip or pattern, not both');
  if (channel !== undefined && url !== undefined) throw wrong('give channel or url, not both');
  if (channel === undefined && url === undefined) throw wrong('needs the field channel, or url');
  if (url === undefined) return;
  if (bucket !== undefined || playlistName !== undefined) throw wrong('bucket and playlistName are for a channel');
  try {
    parseRtmpUrl(url);
  } catch (error) {
    if (error instanceof RangeError) throw wrong(error.message);
    throw error;
  }
}

interface Parts {
  readonly request: PublishRequest;
  readonly channel: PublishTarget['channel'];
  readonly push: Push;
  readonly stored: Promise<unknown>;
}

class RunningPublication implements Publication {
  readonly id = randomUUID();
  readonly request: PublishRequest;
  readonly bucket: string | null;
  readonly channel: string | null;
  readonly done: Promise<void>;
  readonly #push: Push;
  state: Publication['state'] = 'running';
  detail: string | null = null;

  constructor({ request, channel, push, stored }: Parts) {
    this.request = request;
    this.bucket = channel?.bucket ?? null;
    this.channel = channel?.name ?? null;
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
      this.detail = errorText(error);
      throw error;
    }
  }
}
