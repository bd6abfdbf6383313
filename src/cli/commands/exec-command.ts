import { constants } from 'node:os';
import spawn from 'cross-spawn';
import { systemClock } from '../../base/clock.ts';
import { hasErrorCode } from '../../base/error-code.ts';
import { UsageError } from '../../base/errors.ts';
import { createLog } from '../../base/log.ts';
import type { ConfigFields } from '../../config/config-fields.ts';
import { BESIDE_OTHERS } from '../../config/defaults.ts';
import { Emulator } from '../../emulator/emulator.ts';
import { ENVIRONMENT, environmentOf } from '../../testing/environment.ts';
import { readConfig } from '../command-line.ts';
import type { Command, CommandContext } from './command.ts';

/** The exit code of a command that cannot be run, as in shells (POSIX, Shell Command Language 2.8.2). */
const NOT_FOUND = 127;
const SIGNAL_BASE = 128;

const NOTES = [
  'Several may run at once: the ports are free ones, and everything is in memory unless --data-dir is given. The file of',
  '--config sets neither the ports, nor the data folder, nor the log level.',
  '',
  'The command finds in its environment:',
  ...ENVIRONMENT.map(({ name, help }) => `  ${name.padEnd(28)} ${help}`),
];

const DEFAULTS: ConfigFields = { ...BESIDE_OTHERS, logLevel: 'warn' };

export const execCommand: Command = {
  name: 'exec',
  operands: '-- COMMAND ...',
  summary: 'Start one, run a command with its address set, end both',
  notes: NOTES,
  options: [],
  startsEmulator: true,
  defaults: DEFAULTS,

  async run(context: CommandContext) {
    const [file, ...args] = context.rest;
    if (file === undefined)
      throw new UsageError('Name the command behind --: oss-livechannel-emulator exec -- npm test.');
    const { config, given } = readConfig(context, DEFAULTS);
    const log = createLog(config.logLevel, context.err, systemClock.now);
    // The data folder of the file is that of the emulator that people work with, which a test must not disturb.
    const memory = config.memory || !given.has('dataDir');
    const emulator = new Emulator({ ...config, memory }, { log });
    await emulator.start();
    try {
      return await runChild(context, file, args, environmentOf(emulator));
    } finally {
      await emulator.stop();
    }
  },
};

function runChild(
  context: CommandContext,
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve) => {
    // On Windows most commands (npm, npx, ...) are scripts, which Node itself does not find.
    const child = spawn(file, args, { stdio: 'inherit', env: { ...context.environment, ...environment } });
    // In a terminal the child receives Ctrl-C too; it decides when to end, and we wait for that.
    const unsubscribe = context.onSignal((signal) => {
      if (signal === 'SIGTERM') child.kill(signal);
    });
    child.on('error', (error) => {
      unsubscribe();
      context.err(`${file} cannot be run: ${whyNotRun(error)}.`);
      resolve(NOT_FOUND);
    });
    child.on('exit', (code, signal) => {
      unsubscribe();
      resolve(code ?? SIGNAL_BASE + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

function whyNotRun(error: Error): string {
  if (hasErrorCode(error, 'ENOENT')) return 'there is no such command (its folder must be in PATH)';
  return hasErrorCode(error, 'EACCES') ? 'it is no program, or the rights do not allow it' : error.message;
}
