import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { type Clock, startStopwatch } from '../base/clock.ts';
import { hasErrorCode } from '../base/error-code.ts';
import { errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { turnOfTheLoop } from '../base/turn-of-the-loop.ts';
import { wait } from '../base/wait.ts';
import type { KeyAndCertificate } from './certificate/self-signed.ts';
import { ConnectionBounds, type ConnectionLimits, type ExceededBound } from './connection-bounds.ts';
import { keepPeerAddress } from './peer-address.ts';
import { receiveProxied } from './proxied-connection.ts';
import { FAREWELL_MS, resetUnlessClosed } from './reset-connection.ts';
import { SharedReadBuffer } from './shared-read-buffer.ts';
import { socketAddresses } from './socket-addresses.ts';

/** First byte of an RTMP handshake: the version (RTMP 1.0, clause 5.2.2). */
const RTMP_VERSION = 0x03;
/** First byte of a TLS record that carries a ClientHello (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;
/**
 * In all three protocols the client sends first. A client that sends nothing, or does not finish TLS, is dropped after
 * this time.
 */
const FIRST_BYTE_TIMEOUT_MS = 10_000;
/** So many connections that exceed a bound are told so at the same time; any more are closed without a word. */
const MAX_BEING_REFUSED = 32;
/**
 * So many connections can wait to be accepted, as far as the system allows. With Node's 511, of a thousand clients that come
 * at once some are dropped, and try again after seconds only.
 */
const BACKLOG = 4096;
/** How long a client that was accepted at the end may take for its first byte. */
const LAST_FIRST_BYTES_MS = 1_000;
/** The number of attempts to find a port that is free on both loopback addresses. */
const PORT_ATTEMPTS = 20;

export interface GatewayOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** As for `onRtmp`, the `data` of the socket are valid only during the event. */
  readonly onHttp: (socket: Socket) => void;
  readonly onRtmp: (socket: Socket) => void;
  /** Without a certificate TLS is refused. */
  readonly tls?: KeyAndCertificate | undefined;
  readonly limits: ConnectionLimits;
  /** Whether the peer at an address is a proxy, which names its client before anything else (PROXY protocol). */
  readonly isProxy?: ((address: string) => boolean) | undefined;
  /** Makes the whole answer to a client of HTTP whose connection exceeds a bound. */
  readonly busyAnswer: () => string;
  /** Called for every connection that exceeds a bound. */
  readonly onRefused: (bound: ExceededBound) => void;
}

/**
 * One TCP port for everything. Every SDK signs RTMP URLs with the host and port of the HTTP endpoint, so the first byte
 * decides: RTMP, HTTP (an ASCII letter) or TLS, in which the first byte decides again.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #secureContext: SecureContext | undefined;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  /** How many connections there were so far. */
  #kept = 0;
  readonly #readBuffer = new SharedReadBuffer();
  readonly #bounds: ConnectionBounds;
  readonly #beingRefused = new Set<Socket>();
  /** Accepted ones whose first byte has not come yet. */
  readonly #silent = new Set<Socket>();
  #onAllHeard: () => void = () => {};

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { tls, limits } = options;
    this.#bounds = new ConnectionBounds(limits);
    this.#secureContext = tls && createSecureContext({ cert: tls.certificate, key: tls.key });
  }

  /** The number of open connections, except those that are being refused. */
  get open(): number {
    return this.#bounds.open;
  }

  /**
   * Opens `port` on every address and resolves to it; 0 finds one that is free on all of them. `localhost` is 127.0.0.1
   * and ::1, because clients try either first.
   * @throws UsageError when the port is taken, or the address is not one of this machine
   */
  async listen(host: string, port: number): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const opened: Server[] = [];
      try {
        let boundPort = port;
        for (const address of host === 'localhost' ? ['127.0.0.1', '::1'] : [host]) {
          const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#admit(socket));
          if (await bind(server, address, boundPort)) {
            opened.push(server);
            boundPort = portOf(server);
          }
        }
        this.#servers.push(...opened);
        return boundPort;
      } catch (error) {
        await Promise.all(opened.map(close));
        if (port !== 0 || attempt >= PORT_ATTEMPTS || !hasErrorCode(error, 'EADDRINUSE'))
          throw explain(error, host, port);
      }
    }
  }

  /**
   * Resolves when no connection waits to be accepted, or after a time: there are always some where clients make one after
   * the other. In a turn of the loop Node accepts one of them.
   */
  async acceptWaiting(limitMs: number): Promise<void> {
    let before = -1;
    const elapsedMs = startStopwatch(this.#options.clock);
    while (before !== this.#kept && elapsedMs() < limitMs) {
      before = this.#kept;
      await turnOfTheLoop();
      await turnOfTheLoop();
    }
  }

  /**
   * Accepts those that wait, as above, and no more: closed before that, they would be reset. The open ones stay open.
   * Resolves when each client has sent something, with a limit.
   */
  async stopAccepting(limitMs: number): Promise<void> {
    await this.acceptWaiting(limitMs);
    for (const server of this.#servers) server.close();
    if (this.#silent.size === 0) return;
    const heard = new AbortController();
    this.#onAllHeard = () => heard.abort();
    await wait(this.#options.clock, LAST_FIRST_BYTES_MS, heard.signal);
    // The last of them is read.
    await turnOfTheLoop();
  }

  /** Ends every connection after its written bytes were sent, with a limit for peers that do not read them, as a paused player. */
  async close(): Promise<void> {
    const closed = this.#servers.splice(0).map(close);
    for (const socket of this.#sockets) socket.destroySoon();
    const patience = this.#options.clock.setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, FAREWELL_MS);
    await Promise.all(closed);
    patience.cancel();
  }

  #admit(socket: Socket): void {
    const { remoteAddress } = socket;
    // It was reset before it was accepted, as those are that a proxy gave up while this process was suspended. What they sent can
    // still be read, but not from whom it is.
    if (remoteAddress === undefined) {
      socket.on('error', () => {}).destroy();
      return;
    }
    this.#keep(socket);
    if (this.#options.isProxy?.(remoteAddress)) {
      this.#admitProxied(socket);
      return;
    }
    const exceeded = this.#bounds.add(remoteAddress);
    if (exceeded !== undefined) {
      this.#refuse(socket, exceeded);
      return;
    }
    socket.once('close', () => this.#bounds.remove(remoteAddress));
    this.#sniff(socket);
  }

  /** Counts the connection as one of all at once, and as one of its client's address when that is known. */
  #admitProxied(socket: Socket): void {
    const { clock, log } = this.#options;
    const exceeded = this.#bounds.add(undefined);
    if (exceeded !== undefined) {
      this.#refuse(socket, exceeded);
      return;
    }
    let client: string | undefined;
    socket.once('close', () => this.#bounds.remove(client));
    this.#awaitFirstByte(socket);
    const proxy = socketAddresses(socket).remoteAddr;
    receiveProxied(socket, {
      clock,
      timeoutMs: FIRST_BYTE_TIMEOUT_MS,
      onClient: () => {
        const { remoteAddress = '' } = socket;
        if (this.#bounds.identify(remoteAddress)) {
          client = remoteAddress;
          return true;
        }
        this.#refuse(socket, 'address');
        return false;
      },
      onFirstByte: (firstByte) => this.#dispatch(socket, firstByte),
      onRefused: (reason) => log.warn('proxy.refused', { remote: proxy, reason }),
    });
  }

  /** Answers if the client speaks HTTP. RTMP has no refusal before the handshake, and TLS none that costs little. */
  #refuse(socket: Socket, exceeded: ExceededBound): void {
    this.#options.onRefused(exceeded);
    if (this.#beingRefused.size >= MAX_BEING_REFUSED) {
      socket.destroy();
      return;
    }
    this.#beingRefused.add(socket);
    socket.once('close', () => this.#beingRefused.delete(socket));
    resetUnlessClosed(socket, this.#options.clock);
    socket.once('data', ([firstByte]: Buffer) => {
      if (firstByte === TLS_HANDSHAKE || firstByte === RTMP_VERSION) socket.destroy();
      else socket.end(this.#options.busyAnswer());
    });
    // An end before the first byte.
    socket.once('end', () => socket.end());
  }

  #awaitFirstByte(socket: Socket): void {
    this.#silent.add(socket);
    socket.once('close', () => this.#hear(socket));
  }

  #hear(socket: Socket): void {
    this.#silent.delete(socket);
    if (this.#silent.size === 0) this.#onAllHeard();
  }

  #keep(socket: Socket): void {
    this.#kept += 1;
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // An unhandled error would end the process; the later owner of the socket adds its own listener.
    socket.on('error', () => socket.destroy());
  }

  #sniff(socket: Socket): void {
    this.#awaitFirstByte(socket);
    const timer = this.#options.clock.setTimeout(() => socket.destroy(), FIRST_BYTE_TIMEOUT_MS);
    socket.once('close', () => timer.cancel());
    socket.once('end', () => timer.cancel());
    socket.once('readable', () => {
      timer.cancel();
      const first: Buffer | null = socket.read();
      if (first === null) {
        socket.destroy(); // the client closed it before the first byte
        return;
      }
      socket.unshift(first);
      this.#dispatch(socket, first[0]);
    });
  }

  #dispatch(socket: Socket, firstByte: number | undefined): void {
    this.#hear(socket);
    if (firstByte === TLS_HANDSHAKE) this.#startTls(socket);
    else if (firstByte === RTMP_VERSION) this.#options.onRtmp(this.#adopt(socket));
    else this.#options.onHttp(this.#adopt(socket));
  }

  #adopt(socket: Socket): Socket {
    const adopted = this.#readBuffer.adopt(socket);
    if (adopted !== socket) {
      // The accepted socket closes together with the adopted one.
      this.#sockets.delete(socket);
      keepPeerAddress(socket, adopted);
      this.#keep(adopted);
    }
    return adopted;
  }

  #startTls(socket: Socket): void {
    const { log } = this.#options;
    const remote = socketAddresses(socket).remoteAddr;
    if (!this.#secureContext || socket instanceof TLSSocket) {
      const advice = 'this client speaks TLS; start with --tls, or give it an http:// endpoint (or rtmp:// URL)';
      log.warn('tls.refused', { remote, advice });
      socket.destroy();
      return;
    }
    const secure = new TLSSocket(socket, { isServer: true, secureContext: this.#secureContext });
    const onHandshakeError = (error: Error) => log.warn('tls.failed', { remote, reason: tlsReason(error) });
    secure.once('error', onHandshakeError).once('readable', () => secure.off('error', onHandshakeError));
    // From now on the TLS socket owns the plain one and closes it.
    this.#sockets.delete(socket);
    keepPeerAddress(socket, secure);
    this.#keep(secure);
    this.#sniff(secure);
  }
}

/** Resolves to false when the machine does not have the address: one without IPv6. */
function bind(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (host === '::1' && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT')) resolve(false);
      else reject(error);
    });
    server.listen({ host, port, backlog: BACKLOG, ipv6Only: host.includes(':') && host !== '::' }, () => resolve(true));
  });
}

/**
 * The text of OpenSSL without its numbers, such as `tlsv1 alert unknown ca` when a client does not trust the
 * certificate.
 */
function tlsReason(error: Error): string {
  return 'reason' in error ? String(error.reason) : error.message;
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

function explain(error: unknown, host: string, port: number): unknown {
  if (hasErrorCode(error, 'EADDRINUSE'))
    return new PortTaken(`Port ${port} is taken; stop what listens there or choose another port.`);
  if (hasErrorCode(error, 'EACCES')) return new UsageError(`Port ${port} needs privileges; choose one above 1023.`);
  if (hasErrorCode(error, 'EADDRNOTAVAIL')) {
    return new UsageError(`${host} is not an address of this machine; give --host one that is.`);
  }
  if (hasErrorCode(error, 'ENOTFOUND', 'EAI_AGAIN')) {
    return new UsageError(`The name ${host} has no address; give --host an address of this machine.`);
  }
  if (hasErrorCode(error, 'EINVAL', 'EAFNOSUPPORT')) {
    return new UsageError(`The address ${host} cannot be listened on (${errorText(error)}); give --host another one.`);
  }
  return error;
}

/** The emulator can start in spite of this error when the port is only a default. */
export class PortTaken extends UsageError {}
