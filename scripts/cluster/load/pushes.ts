import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { toError } from '../../../src/base/error-text.ts';
import { readFlvTags } from '../../../src/media/flv/file.ts';
import { MEDIA_CHANNELS, RtmpRefusedError } from '../../../src/rtmp/client.ts';
import type { Client } from '../../crash/client.ts';
import { OBJECTS } from '../../crash/load/places.ts';
import { LoadPublisher } from '../../load/publisher.ts';
import { createReplay } from '../../load/replay.ts';

/** Some 17 kB in a second, and a key frame every two. */
const CLIP = fileURLToPath(new URL('../../../fixtures/clips/h264-aac-160x90-slices.flv', import.meta.url));
const TICK_MS = 100;
const CHUNK_BYTES = 4096;
const RECONNECT_MS = 250;

/** From the loss of a connection to the next one that was accepted, on the clock of `performance`. */
export interface Gap {
  readonly channel: string;
  readonly lostMs: number;
  readonly backMs: number;
  /** The attempts between them that were not refused, but lost their connection. */
  readonly lostAttempts: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** What the attempts between them met, each once. */
  readonly met: readonly string[];
}

/** One publisher for each channel, who sends in real time and connects again until it is told to stop, as encoders do. */
export class Pushes {
  readonly gaps: Gap[] = [];
  readonly #client: Client;
  readonly #channels: readonly string[];
  readonly #live = new Map<string, { readonly publisher: LoadPublisher; readonly sinceMs: number }>();
  readonly #stopping = new AbortController();
  readonly #replay = createReplay([...readFlvTags(readFileSync(CLIP))], {
    tickMs: TICK_MS,
    chunkSizeBytes: CHUNK_BYTES,
    chunkStreamIds: { audio: MEDIA_CHANNELS.audio.chunkStreamId, video: MEDIA_CHANNELS.video.chunkStreamId },
  });
  #running: readonly Promise<void>[] = [];
  #ticking: NodeJS.Timeout | undefined;

  /** @param client says where to push to */
  constructor(client: Client, channels: readonly string[]) {
    this.#client = client;
    this.#channels = channels;
    // Every publisher listens to it while it connects.
    setMaxListeners(0, this.#stopping.signal);
  }

  start(): void {
    this.#running = this.#channels.map((channel) => this.#keepPushing(channel));
    this.#ticking = setInterval(() => {
      const nowMs = performance.now();
      for (const { publisher } of this.#live.values()) publisher.sendDue(nowMs);
    }, TICK_MS);
  }

  /** The channels that have no publisher now. */
  missing(): readonly string[] {
    return this.#channels.filter((channel) => !this.#live.has(channel));
  }

  /** How long a channel has had its publisher; 0 without one. */
  liveForMs(channel: string): number {
    const live = this.#live.get(channel);
    return live === undefined ? 0 : performance.now() - live.sinceMs;
  }

  /** Ends every push as encoders do. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#ticking);
    await Promise.all([...this.#live.values()].map(({ publisher }) => publisher.stop()));
    await Promise.all(this.#running);
  }

  async #keepPushing(channel: string): Promise<void> {
    for (let lostMs = performance.now(); !this.#stopping.signal.aborted; lostMs = performance.now()) {
      const met = new Set<string>();
      const lostAttempts: Gap['lostAttempts'][number][] = [];
      const publisher = await this.#connect(channel, (error, fromMs) => {
        met.add(error.message);
        if (!(error instanceof RtmpRefusedError)) lostAttempts.push({ fromMs, toMs: performance.now() });
      });
      if (publisher === undefined) return;
      const sinceMs = performance.now();
      this.gaps.push({ channel, lostMs, backMs: sinceMs, lostAttempts, met: [...met] });
      this.#live.set(channel, { publisher, sinceMs });
      await publisher.closed;
      this.#live.delete(channel);
    }
  }

  /** Undefined: it was told to stop. */
  async #connect(channel: string, failed: (error: Error, beganMs: number) => void): Promise<LoadPublisher | undefined> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const attempt = new AbortController();
      const abort = () => attempt.abort();
      signal.addEventListener('abort', abort);
      const beganMs = performance.now();
      try {
        const url = this.#client.pushUrl(OBJECTS, channel);
        return await LoadPublisher.start(url, this.#replay, CHUNK_BYTES, attempt.signal);
      } catch (error) {
        failed(toError(error), beganMs);
        // Refused, or lost: both are what encoders meet in the middle of faults. How long it takes is what counts.
        await delay(RECONNECT_MS, undefined, { signal }).catch(() => {});
      } finally {
        signal.removeEventListener('abort', abort);
      }
    }
    return undefined;
  }
}
