import { once } from 'node:events';
import { connect } from 'node:net';
import { type Clock, startStopwatch } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import { RtmpPublisher } from '../../rtmp/client.ts';
import { parseRtmpUrl } from '../../rtmp/url.ts';
import { type Clip, repeatClip } from './clip.ts';

export interface Server {
  readonly host: string;
  readonly port: number;
  /** Sent before anything else. */
  readonly preface?: Buffer | undefined;
}

export interface ClipPushOptions {
  /** Signed ingest URL. */
  readonly url: string;
  /** Where to connect to, instead of the host in the URL. */
  readonly server?: Server;
  readonly clip: Clip;
  readonly durationMs?: number;
  readonly speed: 'realtime' | 'max';
  /** Messages are sent by its time when the speed is `realtime`. */
  readonly clock: Clock;
}

/** One push of a clip over a real RTMP connection. */
export class ClipPush {
  /** `ip:port` of our end. */
  readonly localAddr: string;
  /** Resolves when the push is over; rejects when the server ended it or the connection broke. */
  readonly done: Promise<void>;
  readonly #options: ClipPushOptions;
  readonly #publisher: RtmpPublisher;
  /** What went wrong with the connection, once it is closed. */
  readonly #closed: Promise<Error | undefined>;
  #isOver = false;
  #sentMs = 0;
  #stopping = false;
  /** Aborts when the push is to end. */
  readonly #ending = new AbortController();

  /**
   * Resolves when the push was accepted.
   * @throws RtmpRefusedError when the server refuses it; RangeError when the URL is not an RTMP URL; Error of the socket
   */
  static async start(options: ClipPushOptions): Promise<ClipPush> {
    const { host, port, preface }: Server = options.server ?? parseRtmpUrl(options.url);
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    if (preface) socket.write(preface);
    const localAddr = addressText(socket.localAddress, socket.localPort);
    return new ClipPush(options, await RtmpPublisher.publish(options.url, { socket }), localAddr);
  }

  private constructor(options: ClipPushOptions, publisher: RtmpPublisher, localAddr: string) {
    this.#options = options;
    this.#publisher = publisher;
    this.localAddr = localAddr;
    this.#closed = publisher.closed.then((failure) => {
      this.#isOver = true;
      this.#ending.abort();
      return failure;
    });
    this.done = this.#run();
    // Node must not report a failure as an unhandled rejection; callers that need it await `done`.
    this.done.catch(() => {});
  }

  /** Media sent so far, in milliseconds. */
  get sentMs(): number {
    return this.#sentMs;
  }

  /** Ends it as an encoder does that is stopped; `done` resolves then. */
  stop(): void {
    this.#stopping = true;
    this.#ending.abort();
  }

  /** Ends it as a killed encoder does: by closing the connection only. */
  destroy(): void {
    this.stop();
    this.#publisher.destroy();
  }

  async #run(): Promise<void> {
    const { clip, durationMs, speed, clock } = this.#options;
    const passedMs = startStopwatch(clock);
    for (const message of repeatClip(clip, durationMs)) {
      if (speed === 'realtime') await wait(clock, message.timestampMs - passedMs(), this.#ending.signal);
      if (this.#stopping || this.#isOver) break;
      this.#sentMs = message.timestampMs;
      const wire = { ...message, timestampMs: message.timestampMs >>> 0 };
      if (!this.#publisher.send(wire)) await this.#publisher.drained();
    }
    if (!this.#isOver) await this.#publisher.unpublish();
    const failure = await this.#closed;
    if (failure && !this.#stopping) throw failure;
  }
}

/** As the server writes it. */
function addressText(address = '', port = 0): string {
  const ip = address.replace(/^::ffff:/, '');
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
