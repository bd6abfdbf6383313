import { connect, createServer, type Server } from 'node:net';

export interface LosingProxy {
  readonly server: Server;
  readonly begin: () => void;
  readonly end: () => void;
}

/** Passes everything on; between its begin and its end it ends a connection instead of the answer to this statement. */
export function losingAnswersTo(statement: string, port: number): LosingProxy {
  let isActive = false;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let isLosing = false;
    client.on('data', (bytes) => {
      isLosing ||= isActive && bytes.includes(statement);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => (isLosing ? client.destroy() : client.write(bytes)));
    client.on('error', () => {}).on('close', () => upstream.destroy());
    upstream.on('error', () => {}).on('close', () => client.destroy());
  });
  return {
    server,
    begin() {
      isActive = true;
    },
    end() {
      isActive = false;
    },
  };
}
