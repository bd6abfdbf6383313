/** The one UDP port that everything to and from viewers goes through. */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { IcePeer } from './stun.ts';

/** The system gives one of its choice. */
const ANY_PORT = 0;
/** Key frames go to all viewers at once; every system allows as much. */
const BUFFER_SIZE_BYTES = 1024 * 1024;
/** Datagrams that may wait for the network; what comes then is lost, as on any network that is too slow. */
const MAX_WAITING = 512;
/** Room for a datagram of media: payload, headers and tag. */
const SLOT_SIZE_BYTES = 1500;
/** So that memory is not given out again before what is in it was sent, and what is sent meanwhile has its own. */
const SLOTS = 2 * MAX_WAITING;

/** Where it listens, and for whom. */
interface Place {
  readonly address: string;
  /** Only for those who sit on this machine. */
  readonly isLocal: boolean;
}

export class UdpPort {
  readonly #socket: Socket;
  readonly #place: Place;
  readonly #slots = Buffer.allocUnsafeSlow(SLOTS * SLOT_SIZE_BYTES);
  #slot = 0;

  /**
   * @param host where to listen; `0.0.0.0` and `::` are every address of the machine, and so is `localhost`, but for those
   * alone who sit on it: Firefox comes from an address of the network, and then goes to no loopback address
   * @param wantedPort another one is taken when somebody else has it
   */
  static async open(
    host: string,
    wantedPort: number,
    onDatagram: (datagram: Buffer, peer: IcePeer) => void,
  ): Promise<UdpPort> {
    const place = await placeOf(host);
    try {
      return new UdpPort(await listen(place.address, wantedPort), place, onDatagram);
    } catch (error) {
      if (!isTaken(error)) throw error;
      return new UdpPort(await listen(place.address, ANY_PORT), place, onDatagram);
    }
  }

  private constructor(socket: Socket, place: Place, onDatagram: (datagram: Buffer, peer: IcePeer) => void) {
    this.#socket = socket;
    this.#place = place;
    socket.unref();
    socket.setRecvBufferSize(BUFFER_SIZE_BYTES);
    socket.setSendBufferSize(BUFFER_SIZE_BYTES);
    socket.on('message', onDatagram);
    // A viewer that cannot be reached is noticed by its silence.
    socket.on('error', () => {});
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Where it can be reached: this machine first, since most viewers sit on it. */
  get addresses(): readonly string[] {
    const { address: own } = this.#place;
    if (own !== '0.0.0.0' && own !== '::') return [own];
    const found = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const usable = found.filter(({ family, scopeid }) => family === 'IPv4' || (own === '::' && scopeid === 0));
    return usable.toSorted((a, b) => Number(b.internal) - Number(a.internal)).map(({ address }) => address);
  }

  /** Whether somebody at the address may come. */
  isFor({ address }: IcePeer): boolean {
    return !this.#place.isLocal || this.addresses.includes(address);
  }

  /**
   * Memory for one datagram, to be sent before there is more of it: it is used again, at once where the datagram is not
   * sent after all. Buffers outside the heap, allocated at the pace of the media, would make V8 look for garbage all the
   * time.
   */
  allocate(sizeBytes: number): Buffer {
    if (sizeBytes > SLOT_SIZE_BYTES) return Buffer.allocUnsafe(sizeBytes);
    const start = this.#slot * SLOT_SIZE_BYTES;
    return this.#slots.subarray(start, start + sizeBytes);
  }

  send(datagram: Buffer, { address, port }: IcePeer): void {
    if (this.#socket.getSendQueueCount() > MAX_WAITING) return;
    this.#slot = (this.#slot + 1) % SLOTS;
    this.#socket.send(datagram, port, address);
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}

async function placeOf(host: string): Promise<Place> {
  if (host === 'localhost') return { address: '0.0.0.0', isLocal: true };
  const { address } = await lookup(host);
  return { address, isLocal: false };
}

async function listen(ownAddress: string, port: number): Promise<Socket> {
  const family = isIPv6(ownAddress) ? 6 : 4;
  const socket = createSocket({
    type: `udp${family}`,
    // Peers are addresses already: Node would send every single datagram through a resolver and the next tick.
    lookup: (address, _options, callback) => callback(null, address, family),
  });
  const listening = once(socket, 'listening');
  socket.bind(port, ownAddress);
  try {
    await listening;
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
