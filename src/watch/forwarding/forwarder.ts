import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import { type OtherNode, type WatchDirectory, WatchRefused } from '../directory.ts';
import type { WatchCall } from '../watch-call.ts';
import { askNode } from './ask-node.ts';
import { ANSWERED_HEADER, FORWARDED_PREFIX, readForwarded, signForwarded } from './forwarded-call.ts';

/** Of the answer of the other node; everything else is of its own connection. */
const KEPT_HEADERS = [
  'content-type',
  'content-length',
  'cache-control',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'location',
  'allow',
] as const;

export interface ForwarderDeps {
  /** Real time, the same at all nodes. */
  readonly clock: Clock;
  readonly log: Log;
  readonly directory: Pick<WatchDirectory, 'otherNode'>;
  readonly isProxy: ((address: string) => boolean) | undefined;
  /** Of requests at once. */
  readonly maxForwarded: number;
}

interface Forwarding {
  readonly node: OtherNode;
  readonly ending: AbortController;
}

/** Sends requests of viewers to the node that has what they watch, and their answers back as they come. */
export class Forwarder {
  /** Other nodes sign with it what they forward to this one. */
  readonly key = randomBytes(32).toString('base64url');
  readonly #deps: ForwarderDeps;
  readonly #running = new Set<Forwarding>();

  constructor(deps: ForwarderDeps) {
    this.#deps = deps;
  }

  /**
   * The request of a viewer that another node has forwarded. Its answer says that it is of this node.
   * @throws WatchRefused when no node has signed it
   */
  receive(request: IncomingMessage, response: ServerResponse): WatchCall {
    const forwarded = readForwarded(request, this.key, this.#deps.clock.now());
    if (!forwarded) throw new WatchRefused(403, 'This address is for the other nodes.', 'not signed by a node');
    response.setHeader(ANSWERED_HEADER, forwarded.answered);
    return forwarded.call;
  }

  /**
   * Resolves when the answer has ended, on whichever side.
   *
   * @param body of the request, which was read
   * @throws WatchRefused when the node cannot be asked; nothing was answered then
   */
  async forward(call: WatchCall, node: OtherNode, response: ServerResponse, body?: Buffer): Promise<void> {
    const { log, maxForwarded } = this.#deps;
    if (call.isForwarded || !node.address) throw refuseElsewhere(call, node);
    if (this.#running.size >= maxForwarded) {
      const message = `At most ${maxForwarded} requests are forwarded to other nodes at once.`;
      throw new WatchRefused(503, message, `${message} See --max-viewers.`);
    }
    const forwarding = { node, ending: new AbortController() };
    const leave = () => forwarding.ending.abort();
    this.#running.add(forwarding);
    response.once('close', leave);
    if (response.destroyed) leave();
    response.req.resume();
    try {
      const answer = await this.#ask(call, node, node.address, forwarding.ending.signal, body);
      response.writeHead(answer.statusCode ?? 502, keptHeaders(answer.headers));
      // It can take a while until the first frame.
      response.flushHeaders();
      await pipeline(answer, response, { signal: forwarding.ending.signal });
    } catch (error) {
      if (error instanceof WatchRefused) throw error;
      if (!response.headersSent && !response.destroyed) throw unreachable(node, error);
      log.debug('viewer.forwarding-ended', { path: call.path, node: node.name, reason: errorText(error) });
    } finally {
      response.off('close', leave);
      // Whatever is left of the connection.
      leave();
      this.#running.delete(forwarding);
    }
  }

  /**
   * Called again and again: ends what comes from nodes that are not there any longer. One that was stopped, or whose network
   * was cut, does not end the connection itself.
   */
  endLost(): void {
    for (const { node, ending } of this.#running) {
      if (!this.#deps.directory.otherNode(node.id)) ending.abort(new Error('the node is not there any longer'));
    }
  }

  close(): void {
    for (const { ending } of this.#running) ending.abort(new Error('the emulator is shutting down'));
  }

  async #ask(
    call: WatchCall,
    node: OtherNode,
    { url, key }: NonNullable<OtherNode['address']>,
    signal: AbortSignal,
    body: Buffer | undefined,
  ): Promise<IncomingMessage> {
    const { clock, isProxy } = this.#deps;
    const signed = signForwarded(call, key, clock.now());
    const type = call.headers.get('content-type');
    const headers: Record<string, string> = { ...signed.headers, ...(type !== undefined && { 'content-type': type }) };
    const target = `${FORWARDED_PREFIX}${call.target}`;
    const answer = await askNode({ url, method: call.method, target, headers, body }, { clock, isProxy, signal });
    if (answer.headers[ANSWERED_HEADER] === signed.answered) return answer;
    answer.destroy();
    // Before a request reaches those who look at signatures it may be refused because there are too many, or because of a stop.
    if (answer.statusCode === 503) throw unreachable(node, new Error('it is busy, or stops'));
    const reason = `another server answers at ${url}; see --node-url of the node ${node.name}`;
    throw refuseElsewhere(call, node, reason);
  }
}

/** What is pushed to another node can be watched there. */
function refuseElsewhere({ path }: WatchCall, { name }: OtherNode, reason?: string): WatchRefused {
  return new WatchRefused(421, `${path} is pushed to the node ${name}: watch it there.`, reason);
}

function unreachable({ name }: OtherNode, error: unknown): WatchRefused {
  const message = `The node ${name}, which has the push, does not answer; please try again later.`;
  return new WatchRefused(503, message, `the node ${name} does not answer: ${errorText(error)}`);
}

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}
