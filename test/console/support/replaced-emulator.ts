import type { Config } from '../../../src/config/config.ts';
import { startTestEmulator, type TestEmulator } from '../../support/emulator.ts';
import { startForwarder } from '../../support/tcp-forwarder.ts';

export interface ReplacedEmulator extends TestEmulator {
  /** The endpoint of the forwarder, which stays. */
  readonly endpoint: string;
  /** Stops the emulator; nothing answers at the endpoint. */
  stop(): Promise<void>;
  /** Starts another emulator at the endpoint. */
  startAnew(): Promise<TestEmulator>;
}

/**
 * An emulator that a test stops, and perhaps replaces, while a page is open. It is behind a forwarder: the port of a server
 * that has stopped may be taken by another process.
 *
 * @param options of both
 */
export async function startReplacedEmulator(options?: Partial<Config>): Promise<ReplacedEmulator> {
  const first = await startTestEmulator(options);
  const forwarder = await startForwarder(first.port);
  const endpoint = `http://127.0.0.1:${forwarder.port}`;
  return {
    ...first,
    endpoint,
    async stop() {
      forwarder.target = undefined;
      await first.emulator.stop();
    },
    async startAnew() {
      const next = await startTestEmulator(options);
      forwarder.target = next.port;
      return next;
    },
  };
}
