import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to connections: none of them takes it while a server that has it is restarted. */
const PORTS = { least: 12_000, most: 32_000 };

/** A port that was free a moment ago, for a program that cannot tell which one it took. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.least + Math.floor(Math.random() * (PORTS.most - PORTS.least));
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
