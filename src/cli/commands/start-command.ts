import { systemClock } from '../../base/clock.ts';
import { createLog } from '../../base/log.ts';
import { Emulator } from '../../emulator/emulator.ts';
import { environmentOf } from '../../testing/start-emulator.ts';
import { banner } from '../banner.ts';
import { readConfig } from '../command-line.ts';
import { answer, type Command, type CommandContext, EXIT } from './command.ts';

export const startCommand: Command = {
  name: 'start',
  summary: 'Start the emulator; what happens without a command',
  options: [],
  startsEmulator: true,

  async run(context: CommandContext) {
    const { config, given } = readConfig(context.flags, context.environment);
    const clock = systemClock;
    const log = createLog(config.logLevel, context.err, clock.now);
    const emulator = new Emulator(config, { clock, log });
    const addresses = await emulator.start(!given.has('rtmpPort'));
    const told = new Promise<string>((resolve) => {
      let isTold = false;
      context.onSignal((signal) => {
        // A second signal ends the process without waiting for pushes to end, or for the last fragments.
        if (isTold) context.abort();
        isTold = true;
        resolve(signal);
      });
    });
    // After the signal handler is set, because a program that reads the answer may send a signal at once.
    answer(context, { ...addresses, environment: environmentOf(emulator) }, banner(config, addresses, clock.now()));
    log.info('stopping', { signal: await told });
    await emulator.drain();
    await emulator.stop();
    return EXIT.ok;
  },
};
