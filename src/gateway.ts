import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from './clock.ts';
import { UsageError } from './errors.ts';
import type { Log } from './log.ts';

/** First byte of an RTMP handshake: the version (RTMP 1.0, clause 5.2.2). */
const RTMP_VERSION = 0x03;
/** First byte of a TLS record that carries a ClientHello (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;
/** Both protocols let the client speak first; one that says nothing for so long will not. */
const FIRST_BYTE_TIMEOUT_MS = 10_000;
/** How often to look for a port that is free on both loopback addresses. */
const PORT_ATTEMPTS = 20;

export interface GatewayOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly onHttp: (socket: Socket) => void;
  readonly onRtmp: (socket: Socket) => void;
}

/**
 * One TCP port for everything. Every SDK signs RTMP URLs with the host and port of the HTTP endpoint, so the first byte
 * decides: RTMP, HTTP (an ASCII letter) or TLS, which is a client that was given `https` and is told so in the log.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /**
   * Opens `port` on every address and resolves to it; 0 finds one that is free on all of them. `localhost` is 127.0.0.1
   * and ::1, because clients try either first.
   * @throws UsageError when the port is taken or the address is not ours
   */
  async listen(host: string, port: number, accept = (socket: Socket) => this.#sniff(socket)): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const opened: Server[] = [];
      try {
        let boundPort = port;
        for (const address of host === 'localhost' ? ['127.0.0.1', '::1'] : [host]) {
          const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket, accept));
          if (await bind(server, address, boundPort)) {
            opened.push(server);
            boundPort = portOf(server);
          }
        }
        this.#servers.push(...opened);
        return boundPort;
      } catch (error) {
        await Promise.all(opened.map(close));
        if (port !== 0 || attempt >= PORT_ATTEMPTS || !isTaken(error)) throw explain(error, host, port);
      }
    }
  }

  /** Takes no more connections; those there are go on. */
  async stopAccepting(): Promise<void> {
    for (const server of this.#servers) server.close();
  }

  /** Ends every connection, after what was written to it has left. */
  async close(): Promise<void> {
    const closed = this.#servers.splice(0).map(close);
    for (const socket of this.#sockets) socket.destroySoon();
    await Promise.all(closed);
  }

  #accept(socket: Socket, accept: (socket: Socket) => void): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Whoever takes the socket over listens for its errors too; until then one must not end the process.
    socket.on('error', () => socket.destroy());
    accept(socket);
  }

  #sniff(socket: Socket): void {
    const timer = this.#options.clock.setTimeout(() => socket.destroy(), FIRST_BYTE_TIMEOUT_MS);
    socket.once('close', () => timer.cancel());
    socket.once('end', () => timer.cancel());
    socket.once('readable', () => {
      timer.cancel();
      const first: Buffer | null = socket.read();
      if (first === null)
        socket.destroy(); // closed without a word
      else this.#dispatch(socket, first);
    });
  }

  #dispatch(socket: Socket, first: Buffer): void {
    if (first[0] === TLS_HANDSHAKE) {
      this.#options.log.warn('tls.refused', {
        remote: `${socket.remoteAddress}:${socket.remotePort}`,
        advice: 'this client speaks TLS; give it an http:// endpoint (or rtmp:// URL) instead of https:// (rtmps://)',
      });
      socket.destroy();
      return;
    }
    socket.unshift(first);
    if (first[0] === RTMP_VERSION) this.#options.onRtmp(socket);
    else this.#options.onHttp(socket);
  }
}

/** Resolves to false where the machine does not have the address at all: one without IPv6. */
function bind(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (host === '::1' && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT')) resolve(false);
      else reject(error);
    });
    server.listen({ host, port, ipv6Only: host.includes(':') && host !== '::' }, () => resolve(true));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function explain(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new PortTaken(`Port ${port} is taken; stop what listens there or choose another port.`);
  if (code === 'EACCES') return new UsageError(`Port ${port} needs privileges; choose one above 1023.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new UsageError(`${host} is not an address of this machine; give --host one that is.`);
  }
  return error;
}

/** The one UsageError that can be lived with, where the port was only a default. */
export class PortTaken extends UsageError {}
