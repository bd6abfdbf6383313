import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { systemClock } from '../base/clock.ts';
import type { LoopWait } from '../base/loop-wait.ts';
import { RefusalTally } from '../base/refusal-tally.ts';
import { readTls } from '../config/tls.ts';
import type { Traffic } from '../control-plane/admin/metrics.ts';
import { requestEvent } from '../control-plane/control/request-event.ts';
import { createHttpServer } from '../http/http-server.ts';
import type { AnsweredRequest } from '../http/observer.ts';
import { OWN_PREFIX } from '../http/own-path.ts';
import { busyRefusal, refusalText } from '../http/refused-request.ts';
import { RequestAdmission } from '../http/request-admission.ts';
import { newRequestId } from '../http/request-id.ts';
import { RequestsInFlight } from '../http/requests-in-flight.ts';
import type { AwaitedPart } from '../http/slow-clients.ts';
import { type ExceededBound, withinFileLimit } from '../net/connection-bounds.ts';
import { Gateway, PortTaken } from '../net/gateway.ts';
import { networkList } from '../net/network-list.ts';
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

/** When a client may come again whose connection exceeded a bound. */
const RETRY_AFTER_SEC = 5;

/** How long connections that wait to be accepted are served at the end; after that they are answered with 503. */
const LAST_SERVED_MS = 1_000;
const LAST_ACCEPTED_MS = 2_000;
/**
 * How long the end waits for answers: uploads, downloads, and first bytes of the last clients. `docker stop` kills after ten
 * seconds. Before this they are served for a second at most; after it two seconds may pass until refused clients have left,
 * and two until paused ones are dropped.
 */
const ANSWER_GRACE_MS = 3_000;

/** The ports, and what is refused there. */
export class Network {
  readonly #core: Core;
  readonly #loopWait: LoopWait;
  readonly #refusedConnections: RefusalTally<ExceededBound>;
  readonly #timedOut: RefusalTally<AwaitedPart>;
  readonly #refusedRequests: RefusalTally<'wait'>;
  readonly admission: RequestAdmission;
  #gateway: Gateway | undefined;
  #requests: RequestsInFlight | undefined;
  #addresses: ListenAddresses | undefined;

  constructor(core: Core, loopWait: LoopWait) {
    this.#core = core;
    this.#loopWait = loopWait;
    const { config, log } = core;
    const tally = { clock: systemClock, log };
    const options = '--max-connections, --max-connections-per-address';
    this.#refusedConnections = new RefusalTally({ ...tally, event: 'connections.refused', fields: { options } });
    this.#timedOut = new RefusalTally({ ...tally, event: 'connections.timed-out' });
    const fields = { options: '--max-wait' };
    this.#refusedRequests = new RefusalTally({ ...tally, event: 'requests.refused', fields });
    this.admission = new RequestAdmission({
      maxWaitMs: config.maxWaitSec * 1000,
      onRefused: () => this.#refusedRequests.add('wait'),
    });
    loopWait.onMeasured((waitMs) => this.admission.measured(waitMs));
  }

  /** For the metrics. */
  get traffic(): Traffic {
    return {
      connections: this.#gateway?.open ?? 0,
      waitMs: this.#loopWait.latestMs,
      refusedConnections: this.#refusedConnections.totals,
      timedOut: this.#timedOut.totals,
      refusedRequests: this.#refusedRequests.totals,
    };
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
    const requests = new RequestsInFlight({ clock: systemClock, onRequest: onHttp, isEndless: isOfEvents });
    const serveHttp = createHttpServer({
      clock: systemClock,
      onRequest: requests.serve,
      onRefused: (request) => this.#reportRefused(request),
      onTimedOut: (part) => this.#timedOut.add(part),
    });
    const { maxConnections: all, maxConnectionsPerAddress: perAddress } = config;
    const gateway = new Gateway({
      clock: systemClock,
      log,
      // Clients check the validity of a certificate by the real time.
      tls: await readTls(config, systemClock.now()),
      onRtmp,
      onHttp: serveHttp,
      isProxy: networkList(config.proxyProtocol.flat()),
      limits: withinFileLimit({ all, perAddress }),
      busyAnswer: () => refusalText(busyRefusal(RETRY_AFTER_SEC), newRequestId()),
      onRefused: (bound) => this.#refusedConnections.add(bound),
    });
    const port = await gateway.listen(config.host, config.port);
    const rtmpPort = await this.#listenRtmp(gateway, allowTakenRtmpPort);
    this.#gateway = gateway;
    this.#requests = requests;
    this.#addresses = { port, rtmpPort };
    this.#loopWait.start(() => this.traffic.connections > 0);
  }

  /** @throws Error before the emulator has started */
  get addresses(): ListenAddresses {
    if (!this.#addresses) throw new Error('the emulator is not running');
    return this.#addresses;
  }

  /** Serves the connections that clients have made already, before the end. */
  async serveWaiting(): Promise<void> {
    await this.#gateway?.acceptWaiting(LAST_SERVED_MS);
  }

  /** Refuses every further request, also on connections that are accepted yet, and resolves when all others are answered. */
  async answerAll(): Promise<void> {
    await this.#requests?.end(ANSWER_GRACE_MS, this.#gateway?.stopAccepting(LAST_ACCEPTED_MS));
  }

  async close(): Promise<void> {
    this.#loopWait.stop();
    this.#requests?.cut(new Error('the emulator stops'));
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

/** A stream of events, or a request that waits for one. */
function isOfEvents({ url }: IncomingMessage): boolean {
  return url?.startsWith(`${OWN_PREFIX}/events`) === true;
}
