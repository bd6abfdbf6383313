import { randomBytes } from 'node:crypto';
import { connect as connectSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { MediaMessage } from '../media/flv/media-message.ts';
import type { AmfValue } from './amf0.ts';
import type { RtmpMessage } from './chunks.ts';
import { command, readCommand, readStatus } from './commands.ts';
import { ClientHandshake, HANDSHAKE_RANDOM_BYTES } from './handshake.ts';
import { DEFAULT_RTMP_LIMITS } from './limits.ts';
import { MESSAGE_TYPE, setChunkSize } from './messages.ts';
import { RtmpProtocolError } from './protocol-error.ts';
import { RtmpTransport } from './transport.ts';
import { parseRtmpUrl, type RtmpTarget } from './url.ts';

/**
 * The server refused the push.
 *
 * @example
 * const url = await emulator.rtmpUrl('cam');
 * const refusal = await RtmpPublisher.publish(url.replace('cam', 'none')).catch((error) => error);
 * if (refusal instanceof RtmpRefusedError) console.assert(refusal.code === 'NetStream.Publish.Unauthorized');
 */
export class RtmpRefusedError extends Error {
  /** e.g. `NetStream.Publish.BadName`. */
  readonly code: string;
  readonly description: string;

  constructor(code: string, description: string) {
    super(`${code}: ${description}`);
    this.name = 'RtmpRefusedError';
    this.code = code;
    this.description = description;
  }
}

export interface PublishOptions {
  /** Used instead of a new TCP connection to the URL's host and port. */
  readonly socket?: Duplex;
  /** When it aborts, connecting or the push ends at once. */
  readonly signal?: AbortSignal;
  /** The size of the chunks we send; a size above that of the largest message has no effect. */
  readonly chunkSizeBytes?: number;
}

const DEFAULT_CHUNK_SIZE_BYTES = 65_536;
/** The form in which encoders name themselves; some servers look for FMLE in it. */
const FLASH_VERSION = 'FMLE/3.0 (compatible; oss-livechannel)';
/** Message type and chunk stream of each kind of message. */
export const MEDIA_CHANNELS = {
  audio: { typeId: MESSAGE_TYPE.audio, chunkStreamId: 4 },
  video: { typeId: MESSAGE_TYPE.video, chunkStreamId: 6 },
  data: { typeId: MESSAGE_TYPE.dataAmf0, chunkStreamId: 5 },
} as const;

/** Keys of `#waiters` besides transaction ids. */
type Milestone = 'handshake' | 'publish';

interface Waiter {
  resolve(answer: readonly AmfValue[]): void;
  reject(error: Error): void;
}

/**
 * A client that publishes one stream, as an encoder does.
 *
 * @example
 * const publisher = await RtmpPublisher.publish(await emulator.rtmpUrl('cam'));
 * const more = publisher.send({ kind: 'audio', timestampMs: 0, payload: Buffer.from([0xaf, 0, 0x12, 0x10]) });
 * if (!more) await publisher.drained();
 * await publisher.unpublish();
 */
export class RtmpPublisher {
  /** Resolves when the connection is closed: with the error, or undefined when this client ended it. */
  readonly closed: Promise<Error | undefined>;
  readonly #socket: Duplex;
  readonly #handshake: ClientHandshake;
  readonly #transport: RtmpTransport;
  readonly #waiters = new Map<number | Milestone, Waiter>();
  #shakingHands = true;
  #transactionId = 0;
  #streamName = '';
  #messageStreamId = 0;
  #ended = false;
  #failure: Error | undefined;

  private constructor(socket: Duplex) {
    this.#socket = socket;
    const write = (bytes: Buffer) => {
      socket.write(bytes);
    };
    this.#handshake = new ClientHandshake(randomBytes(HANDSHAKE_RANDOM_BYTES), write);
    this.#transport = new RtmpTransport({ write, skipped: () => {} }, DEFAULT_RTMP_LIMITS);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        if (!this.#ended) this.#fail(new Error('the server closed the connection'));
        resolve(this.#failure);
      });
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('data', (data: Buffer) => this.#onData(data));
  }

  /**
   * Connects and publishes; resolves when the server sent NetStream.Publish.Start.
   *
   * @throws RtmpRefusedError when the server refuses
   * @throws RangeError when `url` is not an RTMP URL
   * @throws Error of the socket, of the protocol or of `signal`
   */
  static async publish(url: string, options: PublishOptions = {}): Promise<RtmpPublisher> {
    const target = parseRtmpUrl(url);
    const { signal, chunkSizeBytes = DEFAULT_CHUNK_SIZE_BYTES } = options;
    signal?.throwIfAborted();
    const socket = options.socket ?? connectSocket({ host: target.host, port: target.port, noDelay: true });
    const publisher = new RtmpPublisher(socket);
    const abort = () => publisher.#fail(new Error('the push was aborted', { cause: signal?.reason }));
    signal?.addEventListener('abort', abort, { once: true });
    void publisher.closed.then(() => signal?.removeEventListener('abort', abort));
    await publisher.#establish(target, chunkSizeBytes);
    return publisher;
  }

  /** Sends a message. `false`: the socket is behind, wait for `drained` before the next message. */
  send({ kind, timestampMs, payload }: MediaMessage): boolean {
    this.#transport.send({ ...MEDIA_CHANNELS[kind], messageStreamId: this.#messageStreamId, timestampMs, payload });
    return !this.#socket.writableNeedDrain;
  }

  /** Resolves when the socket took everything, or is closed. */
  async drained(): Promise<void> {
    if (!this.#socket.writableNeedDrain || this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      this.#socket.on('drain', done).on('close', done);
    });
  }

  /** Ends the push as encoders do, FCUnpublish and deleteStream, and resolves when the server closed the connection. */
  async unpublish(): Promise<void> {
    this.#ended = true;
    this.#transport.send(
      command('FCUnpublish', ++this.#transactionId, [null, this.#streamName]),
      command('deleteStream', ++this.#transactionId, [null, this.#messageStreamId]),
    );
    this.#socket.end();
    await this.closed;
  }

  /** Closes the connection without an unpublish, as a killed encoder does. */
  destroy(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  async #establish({ app, tcUrl, streamName }: RtmpTarget, chunkSizeBytes: number): Promise<void> {
    const shakenHands = this.#answerTo('handshake');
    this.#handshake.start();
    await shakenHands;
    this.#transport.send(setChunkSize(chunkSizeBytes));
    await this.#request('connect', { app, tcUrl, type: 'nonprivate', flashVer: FLASH_VERSION });
    this.#streamName = streamName;
    this.#transport.send(
      command('releaseStream', ++this.#transactionId, [null, streamName]),
      command('FCPublish', ++this.#transactionId, [null, streamName]),
    );
    const [messageStreamId] = await this.#request('createStream', null);
    if (typeof messageStreamId !== 'number')
      throw this.#fail(new RtmpProtocolError('createStream without a stream id'));
    this.#messageStreamId = messageStreamId;
    const started = this.#answerTo('publish');
    this.#transport.send(command('publish', ++this.#transactionId, [null, streamName, 'live'], messageStreamId));
    await started;
  }

  #request(name: string, object: AmfValue): Promise<readonly AmfValue[]> {
    const transactionId = ++this.#transactionId;
    const answer = this.#answerTo(transactionId);
    this.#transport.send(command(name, transactionId, [object]));
    return answer;
  }

  #answerTo(key: number | Milestone): Promise<readonly AmfValue[]> {
    return new Promise((resolve, reject) => this.#waiters.set(key, { resolve, reject }));
  }

  #onData(data: Buffer): void {
    try {
      const bytes = this.#shakingHands ? this.#handshake.push(data) : data;
      if (!bytes) return;
      if (this.#shakingHands) this.#resolve('handshake', []);
      this.#shakingHands = false;
      this.#transport.push(bytes);
      for (let message = this.#transport.next(); message; message = this.#transport.next()) this.#onMessage(message);
    } catch (error) {
      if (!(error instanceof RtmpProtocolError)) throw error;
      this.#fail(error);
    }
  }

  #onMessage(message: RtmpMessage): void {
    if (message.typeId !== MESSAGE_TYPE.commandAmf0 && message.typeId !== MESSAGE_TYPE.commandAmf3) return;
    const { name, transactionId, args } = readCommand(message, DEFAULT_RTMP_LIMITS.amf0);
    if (name === '_result') {
      this.#resolve(transactionId, args);
      return;
    }
    if (name !== '_error' && name !== 'onStatus') return;
    const { level, code, description } = readStatus(args[0]);
    // An error in answer to a command whose answer is not awaited, such as releaseStream, is not a refusal.
    if (name === '_error' ? this.#waiters.has(transactionId) : level === 'error') {
      this.#fail(new RtmpRefusedError(code, description));
    } else if (code === 'NetStream.Publish.Start') {
      this.#resolve('publish', args);
    }
  }

  #resolve(key: number | Milestone, answer: readonly AmfValue[]): void {
    this.#waiters.get(key)?.resolve(answer);
    this.#waiters.delete(key);
  }

  /** Ends the push because of `error`, and returns it. */
  #fail(error: Error): Error {
    this.#failure ??= error;
    for (const waiter of this.#waiters.values()) waiter.reject(this.#failure);
    this.#waiters.clear();
    this.#socket.destroy();
    return this.#failure;
  }
}
