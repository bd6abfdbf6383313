import { connect } from 'node:net';
import { systemClock } from '../../base/clock.ts';
import type { Config } from '../../config/config.ts';
import { ownServer } from '../../control-plane/control/own-server.ts';
import type { Server } from '../../control-plane/publisher/clip-push.ts';

/** An emulator makes its key for the certificate when that is first asked for: on a busy machine it takes seconds. */
const TIMEOUT_MS = 10_000;

/**
 * What an emulator with these options that runs at the port is called, e.g. `an emulator 1.2.0`; undefined when there is
 * none. With `--no-admin` it does not tell its version.
 */
export async function findEmulator(config: Config, port: number): Promise<string | undefined> {
  const server = ownServer(config, port);
  const version = /\n\{"status":"\w+","version":"([^"]+)"/.exec(await ask(server, '/_emulator/health'))?.[1];
  if (version !== undefined) return `an emulator ${version}`;
  const certificate = await ask(server, '/_emulator/mns/cert.pem');
  return certificate.includes('-----BEGIN CERTIFICATE-----') ? 'an emulator' : undefined;
}

/** The whole answer to a GET; '' when there is none. */
function ask({ host, port, preface }: Server, path: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host, port });
    const timer = systemClock.setTimeout(() => socket.destroy(), TIMEOUT_MS);
    socket
      .on('data', (bytes) => {
        answer += bytes.toString('latin1');
      })
      .once('error', () => {})
      .once('close', () => {
        timer.cancel();
        resolve(answer);
      });
    if (preface) socket.write(preface);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  });
}
