/** The UDP port of all WebRTC viewers. */

import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { hasErrorCode } from '../../base/error-code.ts';
import type { IcePeer } from './stun.ts';

/** The operating system chooses the port. */
const ANY_PORT = 0;
/** Enough for a key frame to all viewers; every operating system allows this size. */
const BUFFER_SIZE_BYTES = 1024 * 1024;
/** Limit of the datagrams that wait to be sent; further ones are dropped, as on any network that is too slow. */
const MAX_WAITING = 512;
/** Enough for a datagram of media: payload, headers and tag. */
const SLOT_SIZE_BYTES = 1500;
/** Twice the waiting ones, so that memory is not used again before its datagram was sent. */
const SLOTS = 2 * MAX_WAITING;

/** An address to listen at. */
interface Place {
  readonly address: string;
  /** Whether only clients on this machine may use it. */
  readonly isLocal: boolean;
}

export class UdpPort {
  readonly #socket: Socket;
  readonly #place: Place;
  readonly #slots = Buffer.allocUnsafeSlow(SLOTS * SLOT_SIZE_BYTES);
  #slot = 0;

  /**
   * @param host where to listen; `0.0.0.0` and `::` are every address of the machine. `localhost` is every address too,
   * but only for clients on this machine: Firefox sends from a network address and then uses no loopback address
   * @param wantedPort another one is used when it is taken
   * @throws Error when the host has no address on this machine
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
      if (!hasErrorCode(error, 'EADDRINUSE')) throw error;
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
    // A viewer that cannot be reached is removed when it stays silent.
    socket.on('error', () => {});
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Addresses for ICE candidates: those of this machine first, because most viewers run on it. */
  get addresses(): readonly string[] {
    const { address: own } = this.#place;
    if (own !== '0.0.0.0' && own !== '::') return [own];
    const found = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const usable = found.filter(({ family, scopeid }) => family === 'IPv4' || (own === '::' && scopeid === 0));
    return usable.toSorted((a, b) => Number(b.internal) - Number(a.internal)).map(({ address }) => address);
  }

  /** Whether a client at the address may connect. */
  isFor({ address }: IcePeer): boolean {
    return !this.#place.isLocal || this.addresses.includes(address);
  }

  /**
   * Memory for one datagram. It must be sent before the next call: the memory is used again, by that call if it was not
   * sent. A new buffer outside the heap for every packet would make V8 collect garbage all the time.
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
    // Peers are IP addresses: without this Node resolves the address of every datagram and sends it in the next tick.
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
