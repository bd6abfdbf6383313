/** What clients do while the cluster has its faults. */
import { setMaxListeners } from 'node:events';
import { Client } from '../../crash/client.ts';
import type { Ledger } from '../../crash/ledger.ts';
import { OBJECTS } from '../../crash/load/places.ts';
import type { Random } from '../../crash/random.ts';
import { objectWriter } from './object-writer.ts';
import { Pushes } from './pushes.ts';
import { appender, forbiddenOverwriter, uploadRacer } from './racers.ts';
import { caller, player } from './viewers.ts';
import { keepWorking, type Work } from './worker.ts';

const WORKERS: readonly Work[] = [player, player, caller, objectWriter, forbiddenOverwriter, appender, uploadRacer];

export interface Load {
  readonly pushes: Pushes;
  /** Resolves, when everybody has ended, to what they saw and must not be. */
  stop(): Promise<readonly string[]>;
}

/** @param port of the proxy */
export function startLoad(port: number, ledger: Ledger, random: Random): Load {
  const violations = new Set<string>();
  const stopped = new AbortController();
  // Every worker listens to it.
  setMaxListeners(0, stopped.signal);
  const pushing = new Client(port);
  const pushes = new Pushes(pushing, [...ledger.channels.keys()]);
  pushes.start();
  const working = WORKERS.map(async (work, at) => {
    // Connections of its own: the proxy gives each of them to some node.
    const client = new Client(port);
    const report = (violation: string) => void violations.add(violation);
    const post = { client, ledger, random: random.split(), pushes, name: String(at), report };
    await keepWorking(work, post, stopped.signal);
    client.close();
  });
  return {
    pushes,
    async stop() {
      stopped.abort();
      await Promise.all([...working, pushes.stop()]);
      pushing.close();
      return [...violations];
    },
  };
}

/** Makes the channels that are pushed to. */
export async function prepareLoad(port: number, ledger: Ledger, channels: number): Promise<void> {
  const client = new Client(port);
  for (let number = 0; number < channels; number++) {
    const channel = ledger.channel(`cam-${number}`);
    await channel.exists.change(true, () => client.putChannel(OBJECTS, channel.name, 2));
  }
  client.close();
}
