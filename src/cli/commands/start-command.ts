import { systemClock } from '../../base/clock.ts';
import { createLog } from '../../base/log.ts';
import type { Config } from '../../config/config.ts';
import { Emulator } from '../../emulator/emulator.ts';
import { environmentOf } from '../../testing/environment.ts';
import { banner } from '../banner.ts';
import { type GivenConfig, readConfig } from '../command-line.ts';
import { answer, type Command, type CommandContext, EXIT } from './command.ts';

/** `docker stop` kills after ten seconds. */
const STOP_MS = 8_000;
/** Of what cannot be given up, as a call of a disk that stands still. */
const LAST_MS = 1_000;
const tookTooLong = (limitMs: number) => `it took more than the ${limitMs / 1000} s that a stop may take`;

export const startCommand: Command = {
  name: 'start',
  summary: 'Start the emulator; what happens without a command',
  options: [],
  startsEmulator: true,

  async run(context: CommandContext) {
    const found = readConfig(context);
    const { given, inFile, file } = found;
    const config = startConfig(found);
    const clock = systemClock;
    const log = createLog(config.logLevel, context.err, clock.now);
    const emulator = new Emulator(config, { clock, log });
    const addresses = await emulator.start(!given.has('rtmpPort') && !inFile.has('rtmpPort'));
    let isStopped = false;
    const told = new Promise<string>((resolve) => {
      let isTold = false;
      context.onSignal((signal) => {
        // A second signal ends the process without waiting for pushes to end, or for the last fragments.
        if (isTold && !isStopped) context.abort();
        isTold = true;
        resolve(signal);
      });
    });
    // After the signal handler is set, because a program that reads the answer may send a signal at once.
    const document = { ...addresses, environment: environmentOf(emulator), configFile: file ?? null };
    answer(context, document, banner(config, addresses, clock.now(), file));
    log.info('stopping', { signal: await told });
    await emulator.control.giveTime();
    const ending = new AbortController();
    const timers = [clock.setTimeout(() => ending.abort(new Error(tookTooLong(STOP_MS))), STOP_MS)];
    const end = () => {
      log.error('stopping.given-up', { reason: tookTooLong(STOP_MS + LAST_MS) });
      context.abort();
    };
    timers.push(clock.setTimeout(end, STOP_MS + LAST_MS));
    try {
      await Promise.all([emulator.control.drain(), emulator.stop({ signal: ending.signal })]);
    } finally {
      for (const timer of timers) timer.cancel();
    }
    isStopped = true;
    return EXIT.ok;
  },
};

/** An import shall not meet what an earlier start has stored, unless somebody says where. */
function startConfig({ config, given, inFile }: GivenConfig): Config {
  const hasPlace = (['dataDir', 'metadata', 'objects'] as const).some((name) => given.has(name) || inFile.has(name));
  return config.import === undefined || hasPlace ? config : { ...config, memory: true };
}
