import { RtmpProtocolError } from './protocol-error.ts';

/**
 * The simple handshake of RTMP 1.0, clause 5.2: version byte, then two packets of 1536 bytes each way. Flash's digest
 * handshake is not answered with digests: encoders send one (ffmpeg) or none (librtmp, OBS, GStreamer), and all
 * publish, because they see from a version field of zero that the server uses the simple form.
 */

const RTMP_VERSION = 3;
const PACKET_BYTES = 1536;
/** C0 and C1, or S0 and S1. */
const HELLO_BYTES = 1 + PACKET_BYTES;
/** What each side receives. */
export const HANDSHAKE_BYTES = HELLO_BYTES + PACKET_BYTES;
/** Of C1 and S1: what follows the time and the zero field. */
export const HANDSHAKE_RANDOM_BYTES = PACKET_BYTES - 8;

/** The server's side. S0, S1 and S2 are sent in one write as soon as C1 is complete. */
export class ServerHandshake {
  readonly #reply: (bytes: Buffer) => void;
  readonly #random: Buffer;
  readonly #hello = new ByteCollector(HELLO_BYTES);
  readonly #echo = new ByteCollector(PACKET_BYTES);
  #answered = false;

  /** `random` has HANDSHAKE_RANDOM_BYTES bytes. */
  constructor(random: Buffer, reply: (bytes: Buffer) => void) {
    this.#random = random;
    this.#reply = reply;
  }

  /**
   * Takes what arrived; returns the bytes after C2, undefined while it is incomplete.
   *
   * @throws RtmpProtocolError when the first byte is not version 3, such as 6 or 8 for RTMPE
   */
  push(data: Buffer): Buffer | undefined {
    if (this.#answered) return this.#echo.push(data);
    const rest = this.#hello.push(data);
    checkVersion(this.#hello.bytes);
    if (!rest) return undefined;
    this.#answered = true;
    // S2 echoes C1. C2 is not checked: encoders that expect the digest form do not send S1 back in it.
    this.#reply(Buffer.concat([encodeHello(this.#random), this.#hello.bytes.subarray(1)]));
    return this.#echo.push(rest);
  }
}

/** The client's side. `start` sends C0 and C1; C2 is sent when S1 and S2 have arrived. */
export class ClientHandshake {
  readonly #write: (bytes: Buffer) => void;
  readonly #random: Buffer;
  readonly #answer = new ByteCollector(HANDSHAKE_BYTES);

  /** `random` has HANDSHAKE_RANDOM_BYTES bytes. */
  constructor(random: Buffer, write: (bytes: Buffer) => void) {
    this.#random = random;
    this.#write = write;
  }

  start(): void {
    this.#write(encodeHello(this.#random));
  }

  /**
   * Takes what arrived; returns the bytes after S2, undefined while it is incomplete.
   *
   * @throws RtmpProtocolError when the first byte is not version 3
   */
  push(data: Buffer): Buffer | undefined {
    const rest = this.#answer.push(data);
    checkVersion(this.#answer.bytes);
    if (rest) this.#write(this.#answer.bytes.subarray(1, HELLO_BYTES));
    return rest;
  }
}

/** C0 and C1, or S0 and S1; time zero. */
function encodeHello(random: Buffer): Buffer {
  return Buffer.concat([Buffer.of(RTMP_VERSION, 0, 0, 0, 0, 0, 0, 0, 0), random]);
}

function checkVersion(hello: Buffer): void {
  const version = hello[0];
  if (version !== undefined && version !== RTMP_VERSION) {
    throw new RtmpProtocolError(`RTMP version ${version} is not supported`);
  }
}

/** Collects a known number of bytes from pieces of any size. */
class ByteCollector {
  readonly #bytes: Buffer;
  #received = 0;

  constructor(sizeBytes: number) {
    this.#bytes = Buffer.allocUnsafe(sizeBytes);
  }

  /** Takes what it needs of `data` and returns the rest; undefined while bytes are missing. */
  push(data: Buffer): Buffer | undefined {
    const taken = data.copy(this.#bytes, this.#received);
    this.#received += taken;
    return this.#received === this.#bytes.length ? data.subarray(taken) : undefined;
  }

  /** The bytes collected so far. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#received);
  }
}
