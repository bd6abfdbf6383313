import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Timer } from '../base/clock.ts';
import { resetConnection } from '../net/reset-connection.ts';
import type { OutgoingMessage } from './chunks.ts';
import { HANDSHAKE_RANDOM_BYTES, ServerHandshake } from './handshake.ts';
import { DEFAULT_RTMP_LIMITS, type RtmpLimits } from './limits.ts';
import { RtmpProtocolError } from './protocol-error.ts';
import type { PublishEnd, RtmpHandler } from './publish.ts';
import { ReadSchedule } from './read-schedule.ts';
import type { ReadingPace } from './reading-pace.ts';
import { type RtmpAddresses, ServerSession } from './server-session.ts';
import { oncePerKind } from './skipped-messages.ts';
import { IdleWatch, type Timers } from './timers.ts';
import { RtmpTransport } from './transport.ts';

export interface RtmpConnectionOptions {
  readonly handler: RtmpHandler;
  /** Measures the silence of a publisher. */
  readonly timers: Timers;
  /** Limits what comes before a push and after it. Real time, which no one can stop or move. */
  readonly realTimers: Timers;
  readonly limits?: Partial<RtmpLimits>;
  /** Without it every byte is read as soon as it is there. */
  readonly pace?: ReadingPace;
}

/**
 * `open`: the handshake is done and messages go to the session. `closing`: what still arrives is dropped until the socket
 * is closed.
 */
type Phase = 'handshake' | 'open' | 'closing';

/** The server's end of one RTMP connection: its socket, its limits, its end. `ServerSession` has the conversation. */
export class RtmpConnection {
  readonly #socket: Duplex;
  readonly #realTimers: Timers;
  readonly #limits: RtmpLimits;
  readonly #handshake: ServerHandshake;
  readonly #transport: RtmpTransport;
  readonly #session: ServerSession;
  readonly #idleWatch: IdleWatch;
  readonly #deadlines: Timer[] = [];
  #phase: Phase = 'handshake';
  #pumping = false;
  /** The peer is treated as if it had stopped sending. */
  #frozen = false;
  readonly #pace: ReadingPace | undefined;
  readonly #wake = () => this.#onWake();
  /** Of the push, or of the next one; undefined without a pace. */
  #schedule: ReadSchedule | undefined;
  /** A wake is to come. One that is resumed meanwhile rests until the same one, also when a message is expected before. */
  #isWakeDue = false;
  #isPublishing = false;

  /**
   * Takes over the socket; bytes that were already read must have been put back with `unshift`. What it emits as `data`
   * may change after the event.
   */
  constructor(socket: Duplex, addresses: RtmpAddresses, options: RtmpConnectionOptions) {
    this.#socket = socket;
    this.#realTimers = options.realTimers;
    this.#limits = { ...DEFAULT_RTMP_LIMITS, ...options.limits };
    this.#pace = options.pace;
    this.#schedule = this.#newSchedule();
    const write = (bytes: Buffer) => this.#write(bytes);
    this.#handshake = new ServerHandshake(randomBytes(HANDSHAKE_RANDOM_BYTES), write);
    const { remoteAddr } = addresses;
    const skipped = oncePerKind((what, why) => options.handler.skipped({ remoteAddr, what, why }));
    this.#transport = new RtmpTransport({ write, skipped }, this.#limits);
    this.#session = new ServerSession(
      {
        send: (...messages) => this.#transport.send(...messages),
        accepted: () => this.#onAccepted(),
        unpublished: (stored) => this.#onUnpublished(stored),
        flowChanged: () => this.#onFlowChanged(),
        readAtOnce: (wanted) => this.#schedule?.readAtOnce(wanted),
        readIn: (inMs) => this.#schedule?.readIn(inMs),
        skipped,
        close: (reason, lastMessages) => this.#close(reason, lastMessages),
        reset: () => this.#reset(),
        freeze: () => this.#setFrozen(true),
        thaw: () => this.#setFrozen(false),
      },
      options.handler,
      addresses,
      this.#limits,
    );
    const { idleMs } = this.#limits;
    this.#idleWatch = new IdleWatch(options.timers, idleMs, () =>
      this.#abandon({ cause: 'idle', detail: `nothing received for ${idleMs} ms` }),
    );
  }

  /** Begins to read. */
  start(): void {
    const { handshakeMs } = this.#limits;
    this.#awaitPublish();
    this.#setDeadline(handshakeMs, () => {
      if (this.#phase !== 'handshake') return;
      this.#abandon({ cause: 'idle', detail: `no complete handshake within ${handshakeMs} ms` });
    });
    this.#socket
      .on('data', (data: Buffer) => this.#onData(data))
      .on('end', () => this.#abandon({ cause: 'disconnected', detail: 'the peer closed the connection' }))
      .on('error', (error) => this.#abandon({ cause: 'disconnected', detail: error.message }))
      .on('close', () => {
        this.#abandon({ cause: 'disconnected', detail: 'the connection was closed' });
        this.#clearDeadlines();
      });
  }

  #onData(data: Buffer): void {
    if (this.#phase === 'closing') return;
    this.#idleWatch.touch();
    this.#guard(() => {
      const bytes = this.#phase === 'handshake' ? this.#handshake.push(data) : data;
      if (!bytes) return;
      this.#phase = 'open';
      this.#transport.push(bytes);
      this.#pump();
      this.#transport.keepUnread();
    });
    this.#rest(data.length);
  }

  /** Stops reading a publisher until its next read is due. */
  #rest(sizeBytes: number): void {
    if (!this.#isPublishing || !this.#isReading) return;
    const restMs = this.#schedule?.restMs(sizeBytes, this.#socket.readableLength > 0) ?? 0;
    if (restMs === 0) return;
    this.#socket.pause();
    if (this.#isWakeDue) return;
    this.#isWakeDue = true;
    this.#pace?.delay(this.#wake, restMs);
  }

  /** What arrives during a rest has to be read before the publisher counts as silent. */
  #newSchedule(): ReadSchedule | undefined {
    return this.#pace && new ReadSchedule(this.#pace.clock, this.#limits.idleMs / 2);
  }

  #onWake(): void {
    this.#isWakeDue = false;
    if (this.#isReading) this.#socket.resume();
  }

  get #isReading(): boolean {
    return this.#phase === 'open' && !this.#frozen && !this.#session.isWaiting;
  }

  /** Gives messages to the session until it asks to wait or there are no more. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#isReading) {
        const message = this.#transport.next();
        if (!message) break;
        this.#session.receive(message);
      }
    } finally {
      this.#pumping = false;
    }
  }

  #onFlowChanged(): void {
    if (this.#session.isWaiting) {
      this.#idleWatch.suspend();
      this.#socket.pause();
      return;
    }
    this.#idleWatch.resume();
    if (this.#frozen) return;
    this.#guard(() => this.#pump());
    if (!this.#session.isWaiting) this.#socket.resume();
  }

  #setFrozen(frozen: boolean): void {
    if (this.#phase === 'closing') return;
    this.#frozen = frozen;
    if (frozen) this.#socket.pause();
    else this.#onFlowChanged();
  }

  #reset(): void {
    if (this.#socket instanceof Socket) resetConnection(this.#socket);
    else this.#socket.destroy();
  }

  #guard(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof RtmpProtocolError)) throw error;
      this.#abandon({ cause: 'protocol-error', detail: error.message });
    }
  }

  #onAccepted(): void {
    this.#isPublishing = true;
    this.#clearDeadlines();
    this.#idleWatch.start();
  }

  #onUnpublished(stored: Promise<void>): void {
    this.#isPublishing = false;
    this.#schedule = this.#newSchedule();
    this.#idleWatch.stop();
    // Until then the next publish waits for the store, not for the peer.
    void stored.then(() => this.#awaitPublish());
  }

  #awaitPublish(): void {
    if (this.#phase === 'closing') return;
    const { setupMs } = this.#limits;
    this.#setDeadline(setupMs, () =>
      this.#abandon({ cause: 'idle', detail: `no accepted publish within ${setupMs} ms` }),
    );
  }

  /**
   * Sends the last messages and closes. What the peer sends meanwhile is read and dropped: a reset could drop the last
   * messages.
   */
  #close(reason: PublishEnd, lastMessages: readonly OutgoingMessage[]): void {
    if (this.#phase === 'closing') return;
    this.#transport.send(...lastMessages);
    this.#leave(reason);
    this.#socket.end();
    this.#socket.resume();
    this.#setDeadline(this.#limits.lingerMs, () => this.#socket.destroy());
  }

  /** Closes without a message: the peer is gone, silent, or does not speak RTMP. */
  #abandon(reason: PublishEnd): void {
    if (this.#phase === 'closing') return;
    this.#leave(reason);
    this.#socket.destroy();
  }

  #leave(reason: PublishEnd): void {
    this.#phase = 'closing';
    this.#clearDeadlines();
    this.#idleWatch.stop();
    this.#session.end(reason);
  }

  #setDeadline(delayMs: number, callback: () => void): void {
    this.#deadlines.push(this.#realTimers.setTimeout(callback, delayMs));
  }

  #clearDeadlines(): void {
    for (const deadline of this.#deadlines.splice(0)) deadline.cancel();
  }

  #write(bytes: Buffer): void {
    if (this.#phase === 'closing') return;
    this.#socket.write(bytes);
    const { maxOutgoingBytes } = this.#limits;
    if (this.#socket.writableLength > maxOutgoingBytes) {
      this.#abandon({ cause: 'protocol-error', detail: `the peer left ${maxOutgoingBytes} bytes of answers unread` });
    }
  }
}
