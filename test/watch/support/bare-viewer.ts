/** A viewer that supports only ICE: a UDP socket and connectivity checks. */
import { createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const HEADER_SIZE_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;
const ATTRIBUTE = { username: 0x0006, messageIntegrity: 0x0008, useCandidate: 0x0025 } as const;
const INTEGRITY_SIZE_BYTES = 20;

/** The ICE parameters in an answer. */
export interface AnsweredBy {
  readonly ufrag: string;
  readonly password: string;
  readonly port: number;
}

export function answeredBy(answer: string): AnsweredBy {
  const [, ufrag = ''] = /a=ice-ufrag:(\S+)/.exec(answer) ?? [];
  const [, password = ''] = /a=ice-pwd:(\S+)/.exec(answer) ?? [];
  const [, port = ''] = /^m=\S+ ([1-9]\d*)/m.exec(answer) ?? [];
  return { ufrag, password, port: Number(port) };
}

export class BareViewer {
  readonly #socket: Socket;

  static async open(): Promise<BareViewer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new BareViewer(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(datagram: Uint8Array, port: number): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    );
  }

  /** The next datagram whose first byte is within the range. */
  async received(min: number, max: number): Promise<Buffer> {
    for (;;) {
      const [datagram]: [Buffer] = (await once(this.#socket, 'message')) as [Buffer];
      const [first = 0] = datagram;
      if (first >= min && first <= max) return datagram;
    }
  }

  /** Sends a check; resolves with the next answer, whichever check it is for. */
  async check(answered: AnsweredBy, nominates: boolean): Promise<void> {
    const response = this.received(0, 3);
    await this.send(bindingRequest(answered, nominates), answered.port);
    await response;
  }

  close(): void {
    this.#socket.close();
  }
}

/** The transaction id of a request or of its answer, in hex. */
export function transactionOf(message: Buffer): string {
  return message.subarray(8, HEADER_SIZE_BYTES).toString('hex');
}

export function bindingRequest({ ufrag, password }: AnsweredBy, nominates: boolean): Buffer {
  const attributes = [
    attribute(ATTRIBUTE.username, Buffer.from(`${ufrag}:them`)),
    ...(nominates ? [attribute(ATTRIBUTE.useCandidate, Buffer.alloc(0))] : []),
  ];
  const body = Buffer.concat(attributes);
  const header = Buffer.alloc(HEADER_SIZE_BYTES);
  header.writeUInt16BE(1, 0);
  header.writeUInt16BE(body.length + 4 + INTEGRITY_SIZE_BYTES, 2);
  header.writeUInt32BE(MAGIC_COOKIE, 4);
  randomBytes(12).copy(header, 8);
  const covered = Buffer.concat([header, body]);
  const integrity = createHmac('sha1', password).update(covered).digest();
  return Buffer.concat([covered, attribute(ATTRIBUTE.messageIntegrity, integrity)]);
}

function attribute(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(value.length, 2);
  return Buffer.concat([header, value], 4 + ((value.length + 3) & ~3));
}
