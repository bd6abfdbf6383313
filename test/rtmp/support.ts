import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { ManualClock, systemClock } from '../../src/base/clock.ts';
import type { MediaMessage } from '../../src/media/flv/media-message.ts';
import { socketAddresses } from '../../src/net/socket-addresses.ts';
import type { AmfValue } from '../../src/rtmp/amf0.ts';
import { ChunkReader, encodeChunks, type RtmpMessage } from '../../src/rtmp/chunks.ts';
import { command, type RtmpCommand, readCommand } from '../../src/rtmp/commands.ts';
import { RtmpConnection } from '../../src/rtmp/connection.ts';
import { DEFAULT_RTMP_LIMITS, type RtmpLimits } from '../../src/rtmp/limits.ts';
import { MESSAGE_TYPE } from '../../src/rtmp/messages.ts';
import type {
  ConnectCommand,
  ConnectionEnd,
  PublishCommand,
  PublishDecision,
  PublishEnd,
  Publisher,
  Refusal,
  RtmpHandler,
  SkippedMessage,
} from '../../src/rtmp/publish.ts';
import { listenOnFreePort } from '../support/listen.ts';

const CLIENT_CHUNK_SIZE_BYTES = 128;
const HANDSHAKE_BYTES = 3073;

export function readFixture(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/rtmp/${name}`, import.meta.url));
}

/** Resolves after all events that are due have reached their listeners. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** A reader's payloads are only valid until its next message. */
function copyOf(message: RtmpMessage): RtmpMessage {
  return { ...message, payload: Buffer.from(message.payload) };
}

/** Every message the reader finds in `pieces`. */
export function readMessages(reader: ChunkReader, pieces: readonly Buffer[]): RtmpMessage[] {
  const messages: RtmpMessage[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let message = reader.next(); message; message = reader.next()) messages.push(copyOf(message));
  }
  return messages;
}

/** A socket in memory: `push` is the peer's bytes, `written` what the connection wrote. */
export class FakeSocket extends Duplex {
  readonly #written: Buffer[] = [];
  /** True when the peer does not read: writes stay in the buffer. */
  stuck = false;

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.stuck) return;
    this.#written.push(bytes);
    done();
  }

  get written(): Buffer {
    return Buffer.concat(this.#written);
  }
}

/** A handler that records its calls. */
export class RecordingHandler implements RtmpHandler {
  readonly connects: ConnectCommand[] = [];
  readonly publishes: PublishCommand[] = [];
  readonly messages: MediaMessage[] = [];
  readonly ends: PublishEnd[] = [];
  readonly closings: ConnectionEnd[] = [];
  readonly skips: SkippedMessage[] = [];
  publisher: Publisher | undefined;
  connectRefusal: Refusal | undefined;
  decide: () => Promise<PublishDecision> = async () => this.accept();
  onMessage: (message: MediaMessage) => void = () => {};
  /** Resolves when a push is stored. */
  store: () => Promise<void> = async () => {};

  /** Why connections ended, usual ends left out. */
  get rejections(): string[] {
    return this.closings.flatMap(({ detail, isUsual }) => (isUsual ? [] : [detail]));
  }

  accept(): PublishDecision {
    const message = (media: MediaMessage) => {
      this.messages.push({ ...media, payload: Buffer.from(media.payload) });
      this.onMessage(media);
    };
    const end = (reason: PublishEnd) => {
      this.ends.push(reason);
      return this.store();
    };
    return { accepted: true, sink: { message, end } };
  }

  connect(command: ConnectCommand): Refusal | undefined {
    this.connects.push(command);
    return this.connectRefusal;
  }

  publish(command: PublishCommand, publisher: Publisher): Promise<PublishDecision> {
    this.publishes.push(command);
    this.publisher = publisher;
    return this.decide();
  }

  skipped(message: SkippedMessage): void {
    this.skips.push(message);
  }

  closed(end: ConnectionEnd): void {
    this.closings.push(end);
  }
}

/** A connection on a fake socket and a clock that stands still. */
export class Conversation {
  readonly socket = new FakeSocket();
  readonly clock = new ManualClock(0);
  readonly handler: RecordingHandler;

  constructor(handler = new RecordingHandler(), limits: Partial<RtmpLimits> = {}) {
    this.handler = handler;
    const addresses = { remoteAddr: '192.0.2.1:50000', localAddr: '192.0.2.2:1935' };
    new RtmpConnection(this.socket, addresses, { handler, timers: this.clock, realTimers: this.clock, limits }).start();
  }

  async send(...pieces: readonly Buffer[]): Promise<void> {
    for (const piece of pieces) this.socket.push(piece);
    await settle();
  }

  /** What the server sent after its handshake. */
  answers(): RtmpMessage[] {
    const reader = new ChunkReader(DEFAULT_RTMP_LIMITS);
    const messages: RtmpMessage[] = [];
    reader.push(this.socket.written.subarray(HANDSHAKE_BYTES));
    for (let message = reader.next(); message; message = reader.next()) {
      if (message.typeId === MESSAGE_TYPE.setChunkSize) reader.setChunkSize(message.payload.readUInt32BE(0));
      messages.push(copyOf(message));
    }
    return messages;
  }

  /** The commands among the answers. */
  commands(): RtmpCommand[] {
    return this.answers()
      .filter((message) => message.typeId === MESSAGE_TYPE.commandAmf0)
      .map((message) => readCommand(message, DEFAULT_RTMP_LIMITS.amf0));
  }

  /** The codes of the status messages, in their order. */
  codes(): AmfValue[] {
    return this.commands().flatMap(({ name, args: [information] }) =>
      name.startsWith('on') || name === '_error' ? [codeOf(information)] : [],
    );
  }
}

function codeOf(information: AmfValue): AmfValue {
  return information !== null && typeof information === 'object' && 'code' in information
    ? information.code
    : undefined;
}

export const CLIENT_HANDSHAKE = Buffer.concat([Buffer.of(3), Buffer.alloc(1536, 1), Buffer.alloc(1536, 2)]);

/** The bytes of a command as a client sends it. */
export function say(name: string, transactionId: number, values: readonly AmfValue[], messageStreamId = 0): Buffer {
  return encodeChunks(command(name, transactionId, values, messageStreamId), CLIENT_CHUNK_SIZE_BYTES);
}

/** The bytes of a media message as a client sends it. */
export function media(typeId: number, timestampMs: number, payload: Buffer): Buffer {
  return encodeChunks({ chunkStreamId: 4, typeId, messageStreamId: 1, timestampMs, payload }, CLIENT_CHUNK_SIZE_BYTES);
}

export const CONNECT = say('connect', 1, [{ app: 'live', tcUrl: 'rtmp://bucket.localhost/live', flashVer: 'test' }]);
export const CREATE_STREAM = say('createStream', 2, [null]);
export const PUBLISH = say('publish', 3, [null, 'channel?a=1', 'live'], 1);
/** The bytes of a client up to its request to publish. */
export const OPENING = [CLIENT_HANDSHAKE, CONNECT, CREATE_STREAM, PUBLISH];

export interface RunningServer {
  /** `rtmp://127.0.0.1:<port>`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves connections on a free port; stops when the last connection is closed. */
export async function listen(serve: (socket: Socket) => void): Promise<RunningServer> {
  const server = createServer(serve);
  const port = await listenOnFreePort(server);
  return {
    url: `rtmp://127.0.0.1:${port}`,
    stop: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

/** Our RTMP server on a free port, with the real clock. */
export function serveRtmp(handler: RtmpHandler): Promise<RunningServer> {
  return listen((socket) =>
    new RtmpConnection(socket, socketAddresses(socket), {
      handler,
      timers: systemClock,
      realTimers: systemClock,
    }).start(),
  );
}
