import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { systemClock } from '../base/clock.ts';
import { readTls } from '../config/tls.ts';
import { requestEvent } from '../control-plane/control/request-event.ts';
import { createHttpServer } from '../http/http-server.ts';
import type { AnsweredRequest } from '../http/observer.ts';
import { Gateway, PortTaken } from '../net/gateway.ts';
import type { Core } from './core.ts';

export interface ListenAddresses {
  /** Port of REST, playback and RTMP. */
  readonly port: number;
  /** The second RTMP port; undefined when it is off or was taken. */
  readonly rtmpPort: number | undefined;
}

export interface NetworkListeners {
  readonly onHttp: RequestListener;
  readonly onRtmp: (socket: Socket) => void;
}

/** The ports. */
export class Network {
  readonly #core: Core;
  #gateway: Gateway | undefined;
  #addresses: ListenAddresses | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Resolves when every port answers.
   *
   * @param allowTakenRtmpPort when the second RTMP port is taken, warn and do without it
   * @throws UsageError when a port is taken, or the certificate cannot be used
   */
  async open({ onHttp, onRtmp }: NetworkListeners, allowTakenRtmpPort: boolean): Promise<void> {
    const { config, log } = this.#core;
    // Connections are made in real time: a clock that is moved or frozen must neither end them nor keep them.
    const serveHttp = createHttpServer({
      clock: systemClock,
      onRequest: onHttp,
      onRefused: (request) => this.#reportRefused(request),
    });
    const gateway = new Gateway({
      clock: systemClock,
      log,
      // Clients check the validity of a certificate by the real time.
      tls: await readTls(config, systemClock.now()),
      onRtmp,
      onHttp: serveHttp,
    });
    const port = await gateway.listen(config.host, config.port);
    const rtmpPort = await this.#listenRtmp(gateway, allowTakenRtmpPort);
    this.#gateway = gateway;
    this.#addresses = { port, rtmpPort };
  }

  /** @throws Error before the emulator has started */
  get addresses(): ListenAddresses {
    if (!this.#addresses) throw new Error('the emulator is not running');
    return this.#addresses;
  }

  /** Takes no more connections; the open ones stay. */
  async stopAccepting(): Promise<void> {
    await this.#gateway?.stopAccepting();
  }

  async close(): Promise<void> {
    await this.#gateway?.close();
  }

  /** A request that no side saw. */
  #reportRefused(request: AnsweredRequest): void {
    const { log, events } = this.#core;
    const { requestId: id, method, remoteAddr: remote, status, refusal } = request;
    log.warn('request.refused', { id, method, remote, status, code: refusal?.code, reason: refusal?.reason });
    events.emit(requestEvent(request));
  }

  async #listenRtmp(gateway: Gateway, allowTaken: boolean): Promise<number | undefined> {
    const { host, rtmpPort } = this.#core.config;
    if (rtmpPort === undefined) return undefined;
    try {
      return await gateway.listen(host, rtmpPort);
    } catch (error) {
      if (!(error instanceof PortTaken && allowTaken)) {
        await gateway.close();
        throw error;
      }
      this.#core.log.warn('rtmp.port-taken', { port: rtmpPort, advice: 'the main port speaks RTMP too' });
      return undefined;
    }
  }
}
