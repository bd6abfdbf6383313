import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { isError } from '../../base/error-code.ts';
import { errorText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { readFields } from '../../base/schema.ts';
import type { EmulatorEvent, EventOf, Events, Stamped } from '../../events/events.ts';
import { parseRtmpUrl } from '../../rtmp/url.ts';
import { loadClip } from './clip.ts';
import { ClipPush, type Server } from './clip-push.ts';
import { type PublishRequest, publishRequestSchema } from './publish-request.ts';

/** As many pushes are listed; finished ones are forgotten first. */
const MAX_REMEMBERED = 100;

/** Where a push goes. */
export interface PublishTarget {
  /** Null when the request named an address instead of a channel. */
  readonly channel: { readonly bucket: string; readonly name: string } | null;
  /** Signed, valid longer than the push lasts. */
  readonly url: string;
  /** This emulator; the host in the URL may be another one. */
  readonly server: Server;
}

export interface PublishesDeps {
  readonly clock: Clock;
  readonly events: Events;
  /** Creates the channel if it does not exist, and signs its URL. An address stays as it is. */
  readonly prepare: (request: PublishRequest) => Promise<PublishTarget>;
}

/** A push of a clip that was started here. */
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
  /** Drops the connection, as a killed encoder does. */
  kill(): void;
}

/** The pushes of clips that were started here, each over a real RTMP connection. */
export class Publishes {
  readonly #deps: PublishesDeps;
  readonly #all = new Map<string, Publication>();

  constructor(deps: PublishesDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when the push was accepted.
   * @throws UsageError when the request or its clip cannot be used; RtmpRefusedError when the push is refused
   */
  async start(input: PublishRequest): Promise<Publication> {
    const request = readFields(publishRequestSchema, input, 'The publish request');
    checkChoices(request);
    const clip = await loadClip(request.clip);
    const { channel, url, server } = await this.#deps.prepare(request);
    const { clock, events } = this.#deps;
    const durationMs = request.durationSec === undefined ? {} : { durationMs: request.durationSec * 1000 };
    const before = events.lastId;
    const push = await ClipPush.start({ url, server, clip, clock, speed: request.speed ?? 'realtime', ...durationMs });
    // The event comes before the answer to the encoder.
    const accepted = events
      .since(before)
      .filter(isAcceptance)
      .find(({ remoteAddr }) => remoteAddr === push.localAddr);
    if (!accepted) throw new Error('there was no event of the push');
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

  /** Drops every connection, and forgets all pushes. */
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

/** By the event of an accepted push, the event that everything it sent is stored. */
const END_OF = {
  'publish.accepted': 'publish.ended',
  'live.published': 'live.ended',
  'room.joined': 'room.left',
} as const;

type Acceptance = EventOf<keyof typeof END_OF>;

function isAcceptance(event: Stamped<EmulatorEvent>): event is Acceptance {
  return event.type in END_OF;
}

/** @throws UsageError when fields are missing or exclude each other, or the URL is not an RTMP URL */
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
    if (isError(error, 'RangeError')) throw wrong(error.message);
    throw error;
  }
}

interface Parts {
  readonly request: PublishRequest;
  readonly channel: PublishTarget['channel'];
  readonly push: ClipPush;
  readonly stored: Promise<unknown>;
}

class RunningPublication implements Publication {
  readonly id = randomUUID();
  readonly request: PublishRequest;
  readonly bucket: string | null;
  readonly channel: string | null;
  readonly done: Promise<void>;
  readonly #push: ClipPush;
  state: Publication['state'] = 'running';
  detail: string | null = null;

  constructor({ request, channel, push, stored }: Parts) {
    this.request = request;
    this.bucket = channel?.bucket ?? null;
    this.channel = channel?.name ?? null;
    this.#push = push;
    this.done = this.#finish(stored);
    // Node must not report a failure as an unhandled rejection; callers read `done` or `state`.
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
