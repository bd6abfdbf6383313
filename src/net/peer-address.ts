import type { Socket } from 'node:net';
import type { ProxyClient } from './proxy-header.ts';

/**
 * From now on `remoteAddress` and `remotePort` of the socket are those of the client that a proxy named. Properties of the
 * socket itself, so that nobody who asks it can see the proxy instead: not the guard, and no library.
 */
export function setPeerAddress(socket: Socket, { address, port }: ProxyClient): void {
  Object.defineProperty(socket, 'remoteAddress', { value: address });
  Object.defineProperty(socket, 'remotePort', { value: port });
}

/** For a socket that takes the place of another one: TLS over it, or the same connection in another object. */
export function keepPeerAddress(from: Socket, to: Socket): void {
  if (!Object.hasOwn(from, 'remoteAddress')) return;
  const { remoteAddress: address = '', remotePort: port = 0 } = from;
  setPeerAddress(to, { address, port });
}
