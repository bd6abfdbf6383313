import { connect, type Socket } from 'node:net';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { parseRtmpUrl } from '../../src/rtmp/url.ts';
import type { Replay } from './replay.ts';

/** With more unsent data than this an encoder drops frames: four seconds at 2 Mbit/s. */
const MAX_UNSENT_BYTES = 1024 * 1024;

/** The counters of one connection. */
export interface PushCounts {
  sentBytes: number;
  droppedBytes: number;
}

/** One connection that sends the clip repeatedly, at the pace of the caller's ticks. */
export class LoadPublisher {
  /** From the first packet of the TCP connection to NetStream.Publish.Start. */
  readonly acceptMs: number;
  /** Resolves when the connection has ended, on whichever side. */
  readonly closed: Promise<unknown>;
  readonly counts: PushCounts = { sentBytes: 0, droppedBytes: 0 };
  readonly #publisher: RtmpPublisher;
  readonly #socket: Socket;
  readonly #replay: Replay;
  readonly #startedMs: number;
  #tick = 0;

  /** Connects, publishes, and sends the metadata and the configuration records. */
  static async start(
    url: string,
    replay: Replay,
    chunkSizeBytes: number,
    signal?: AbortSignal,
  ): Promise<LoadPublisher> {
    const { host, port } = parseRtmpUrl(url);
    const connectMs = performance.now();
    const socket = connect({ host, port, noDelay: true });
    const publisher = await RtmpPublisher.publish(url, { socket, chunkSizeBytes, ...(signal && { signal }) });
    const startedMs = performance.now();
    for (const message of replay.opening) publisher.send(message);
    return new LoadPublisher(publisher, socket, replay, { connectMs, startedMs });
  }

  private constructor(
    publisher: RtmpPublisher,
    socket: Socket,
    replay: Replay,
    times: { connectMs: number; startedMs: number },
  ) {
    this.#publisher = publisher;
    this.#socket = socket;
    this.#replay = replay;
    this.#startedMs = times.startedMs;
    this.acceptMs = times.startedMs - times.connectMs;
    this.closed = publisher.closed;
  }

  /** Sends what is due at `nowMs` (of `performance.now`). */
  sendDue(nowMs: number): void {
    const { ticks, tickMs } = this.#replay;
    const due = Math.floor((nowMs - this.#startedMs) / tickMs);
    while (this.#tick < due) this.#send(ticks[this.#tick++ % ticks.length]);
  }

  #send(bytes: Buffer | undefined): void {
    if (!bytes || bytes.length === 0 || this.#socket.destroyed) return;
    // Only whole messages are left out, and both chunk streams continue with deltas: the stream loses time, but its
    // chunks stay valid.
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) {
      this.counts.droppedBytes += bytes.length;
      return;
    }
    this.counts.sentBytes += bytes.length;
    this.#socket.write(bytes);
  }

  /** Ends as encoders do. */
  async stop(): Promise<void> {
    if (!this.#socket.destroyed) await this.#publisher.unpublish();
  }

  /** Ends with a TCP reset, as a process that is killed with bytes unread does. */
  kill(): void {
    this.#socket.resetAndDestroy();
  }
}
