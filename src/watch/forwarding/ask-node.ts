/**
 * A request to another node. It does not go through `http/outgoing.ts`: the address is one that a node has written into the
 * database, which no client can name, the answer has no end, and `--outgoing` is about servers of others.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { LOCAL_PROXY_HEADER } from '../../net/proxy-header.ts';

const CONNECT_MS = 3_000;
/** Longer than the playlist of a stream waits for its first fragment. */
const FIRST_BYTE_MS = 20_000;
/** After so long without a byte the system asks whether the other machine is there, ten times in ten seconds (libuv). */
const KEEP_ALIVE_MS = 5_000;

export interface NodeRequest {
  /** `http://host:port` of the node. */
  readonly url: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface AskOptions {
  readonly clock: Clock;
  /** Whether a node demands a PROXY header from an address: all nodes have the same proxies. */
  readonly isProxy: ((address: string) => boolean) | undefined;
  /** Ends the connection, also while the answer is read. */
  readonly signal: AbortSignal;
}

/** Resolves with the head of the answer. Rejects when there is none in time, or the signal aborts. */
export async function askNode(asked: NodeRequest, options: AskOptions): Promise<IncomingMessage> {
  const { clock, isProxy, signal } = options;
  const { hostname, port, host } = new URL(asked.url);
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = connect({
    host: address,
    port: Number(port || 80),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    signal,
  });
  await within(clock, socket, CONNECT_MS, connected(socket));
  // The other node sees this address, unless there is something in between.
  if (isProxy?.(socket.localAddress ?? '')) socket.write(LOCAL_PROXY_HEADER);
  return within(clock, socket, FIRST_BYTE_MS, answered(socket, host, asked));
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
}

function answered(
  socket: Socket,
  host: string,
  { method, target, headers, body }: NodeRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const length: Record<string, string> = body ? { 'content-length': String(body.length) } : {};
    // With a connection of its own it has no agent, so that the connection ends with the answer.
    const request = httpRequest({
      method,
      path: target,
      headers: { ...headers, ...length, host },
      createConnection: () => socket,
    });
    request.once('response', resolve);
    // Later than the answer, too, as for a connection that is lost: whoever reads the answer sees that.
    request.on('error', reject);
    request.once('close', () => reject(new Error('the connection ended without an answer')));
    request.end(body);
  });
}

async function within<Value>(clock: Clock, socket: Socket, limitMs: number, promise: Promise<Value>): Promise<Value> {
  const timer = clock.setTimeout(() => socket.destroy(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
  try {
    return await promise;
  } finally {
    timer.cancel();
  }
}
