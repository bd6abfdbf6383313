import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Both ends of a connection, each as `ip:port`, and whether it is TLS. */
export interface SocketAddresses {
  readonly remoteAddr: string;
  readonly localAddr: string;
  readonly isSecure: boolean;
}

export function socketAddresses(socket: Socket): SocketAddresses {
  return {
    remoteAddr: formatAddress(socket.remoteAddress, socket.remotePort),
    localAddr: formatAddress(socket.localAddress, socket.localPort),
    isSecure: socket instanceof TLSSocket,
  };
}

/** `ip:port` without the port; an IPv6 address keeps its brackets. */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}

/** An IPv4 client of an IPv6 socket has an IPv4-mapped address, and a proxy may name one so: it is the same client. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:/, '');
}

/** Address and port are absent when the peer has left. */
function formatAddress(address = '', port = 0): string {
  const ip = plainAddress(address);
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
