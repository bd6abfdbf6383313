import { once } from 'node:events';
import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import { RtmpPublisher } from '../../rtmp/client.ts';
import { parseRtmpUrl } from '../../rtmp/url.ts';
import { type Clip, repeatClip } from './clip.ts';

export interface Server {
  readonly host: string;
  readonly port: number;
}

export interface PushOptions {
  /** Signed ingest URL. */
  readonly url: string;
  /** Where to connect to, whatever the URL says. */
  readonly server?: Server;
  readonly clip: Clip;
  readonly durationMs?: number;
  readonly speed: 'realtime' | 'max';
  /** Of the encoder we play: `realtime` goes by it. */
  readonly clock: Clock;
}

/** One push of a clip through a real RTMP connection. */
export class Push {
  /** `ip:port` of our end. */
  readonly localAddr: string;
  /** Resolves when the push is over; rejects when the server ended it or the connection broke. */
  readonly done: Promise<void>;
  readonly #options: PushOptions;
  readonly #publisher: RtmpPublisher;
  /** What went wrong with the connection, once it is closed. */
  readonly #closed: Promise<Error | undefined>;
  #isOver = false;
  #sentMs = 0;
  #stopping = false;
  /** Aborts when the push is to end. */
  readonly #ending = new AbortController();

  /** Resolves when the push was accepted. @throws RtmpRefusedError, or what the socket says */
  static async start(options: PushOptions): Promise<Push> {
    const { host, port } = options.server ?? parseRtmpUrl(options.url);
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    const localAddr = addressText(socket.localAddress, socket.localPort);
    return new Push(options, await RtmpPublisher.publish(options.url, { socket }), localAddr);
  }

  private constructor(options: PushOptions, publisher: RtmpPublisher, localAddr: string) {
    this.#options = options;
    this.#publisher = publisher;
    this.localAddr = localAddr;
    this.#closed = publisher.closed.then((failure) => {
      this.#isOver = true;
      this.#ending.abort();
      return failure;
    });
    this.done = this.#run();
    // Whoever is interested asks `done`; a push nobody watches may fail in peace.
    this.done.catch(() => {});
  }

  /** Media sent so far, in milliseconds. */
  get sentMs(): number {
    return this.#sentMs;
  }

  /** Ends it as an encoder does that is stopped; `done` tells when. */
  stop(): void {
    this.#stopping = true;
    this.#ending.abort();
  }

  /** Ends it as an encoder does that is killed. */
  destroy(): void {
    this.stop();
    this.#publisher.destroy();
  }

  async #run(): Promise<void> {
    const { clip, durationMs, speed, clock } = this.#options;
    const startMs = clock.now();
    for (const message of repeatClip(clip, durationMs)) {
      if (speed === 'realtime') await wait(clock, startMs + message.timestampMs - clock.now(), this.#ending.signal);
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

/** As the server sees it. */
function addressText(address = '', port = 0): string {
  const ip = address.replace(/^::ffff:/, '');
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
