import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { isLoopback } from './loopback.ts';
import { setPeerAddress } from './peer-address.ts';
import { BadProxyHeader, type ProxyClient, readProxyHeader } from './proxy-header.ts';

export interface ProxiedConnection {
  readonly clock: Clock;
  /** For the header and the first byte of the client together. */
  readonly timeoutMs: number;
  /** Called when the socket has the address of the client. Returns whether the connection is served. */
  readonly onClient: () => boolean;
  /** Called with the first byte of the client, which can be read again. */
  readonly onFirstByte: (firstByte: number | undefined) => void;
  /** Called when there is no header that can be used; the connection is closed. */
  readonly onRefused: (reason: string) => void;
}

/** Reads what a proxy sends before the bytes of its client. It may come in any number of pieces. */
export function receiveProxied(socket: Socket, connection: ProxiedConnection): void {
  const { clock, timeoutMs, onClient, onFirstByte, onRefused } = connection;
  let received = Buffer.alloc(0);
  let isClientKnown = false;
  const refuse = (reason: string) => {
    stop();
    onRefused(reason);
    socket.destroy();
  };
  const timer = clock.setTimeout(() => {
    if (isClientKnown) socket.destroy();
    else refuse(`no whole PROXY header within ${timeoutMs} ms`);
  }, timeoutMs);
  const stop = () => {
    timer.cancel();
    socket.off('readable', onReadable);
  };
  const onReadable = () => {
    const bytes: Buffer | null = socket.read();
    if (bytes === null) {
      socket.destroy(); // the end came before the first byte
      return;
    }
    received = Buffer.concat([received, bytes]);
    try {
      if (!isClientKnown) {
        const header = readProxyHeader(received);
        if (!header) return;
        received = received.subarray(header.sizeBytes);
        isClientKnown = true;
        if (header.client) setClient(socket, header.client);
        if (!onClient()) {
          stop();
          if (received.length > 0) socket.unshift(received);
          return;
        }
      }
    } catch (error) {
      if (!(error instanceof BadProxyHeader)) throw error;
      refuse(error.message);
      return;
    }
    if (received.length === 0) return;
    stop();
    socket.unshift(received);
    onFirstByte(received[0]);
  };
  socket.once('close', stop).on('readable', onReadable);
}

/**
 * A proxy on another machine names its own machine by a loopback address, which here is this one: the address of the proxy
 * stays then. So no header from elsewhere makes a client one of this machine, for which the control API is open.
 */
function setClient(socket: Socket, client: ProxyClient): void {
  if (isLoopback(client.address) && !isLoopback(socket.remoteAddress ?? '')) return;
  setPeerAddress(socket, client);
}
