import { connect, createServer, type Socket } from 'node:net';
import { listenDuringTest } from './listen.ts';

export interface TcpForwarder {
  readonly port: number;
  /** The port that new connections are passed on to; without one they are reset. */
  target: number | undefined;
  /** Of connections so far. */
  readonly connections: number;
  /** What happens to connections from now on, also to open ones: `stall` passes nothing on, `refuse` answers 503. */
  mode: 'pass' | 'stall' | 'reset' | 'refuse';
  /** Once, after so many bytes to the client, the connection is cut. */
  cutAfterBytes: number | undefined;
}

const REFUSAL = 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

/** Stands between a client and the server on `target`, and does what networks do. */
export async function startForwarder(target: number | undefined): Promise<TcpForwarder> {
  const sockets = new Set<Socket>();
  let mode: TcpForwarder['mode'] = 'pass';
  const apply = (socket: Socket) => {
    if (mode === 'reset') socket.resetAndDestroy();
    else if (mode === 'stall') socket.pause();
    else if (mode === 'refuse') socket.end(REFUSAL);
    else socket.resume();
  };
  const forwarder = {
    port: 0,
    target,
    connections: 0,
    cutAfterBytes: undefined as number | undefined,
    get mode() {
      return mode;
    },
    set mode(value: TcpForwarder['mode']) {
      mode = value;
      for (const socket of sockets) apply(socket);
    },
  };
  const server = createServer((client) => {
    forwarder.connections += 1;
    if (forwarder.target === undefined) {
      client.on('error', () => {}).resetAndDestroy();
      return;
    }
    const upstream = connect(forwarder.target, '127.0.0.1');
    sockets.add(client);
    client.on('data', (bytes) => upstream.write(bytes));
    let passed = 0;
    upstream.on('data', (bytes) => {
      passed += bytes.length;
      if (forwarder.cutAfterBytes !== undefined && passed > forwarder.cutAfterBytes) {
        forwarder.cutAfterBytes = undefined;
        client.resetAndDestroy();
      } else if (mode === 'pass') {
        client.write(bytes);
      }
    });
    for (const socket of [client, upstream]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(client);
        client.destroy();
        upstream.destroy();
      });
    }
    if (mode !== 'pass') apply(client);
  });
  const port = await listenDuringTest(server);
  forwarder.port = port;
  return forwarder;
}
