#!/usr/bin/env node
import { keepProcessAlive, systemClock } from './base/clock.ts';
import { hasErrorCode } from './base/error-code.ts';
import { errorText } from './base/error-text.ts';
import { UsageError } from './base/errors.ts';
import { unknownName } from './base/nearest.ts';
import { turnOfTheLoop } from './base/turn-of-the-loop.ts';
import { readVersion } from './base/version.ts';
import { wait } from './base/wait.ts';
import { parseFlags } from './cli/command-line.ts';
import { type Command, type CommandContext, checkOperands, EXIT } from './cli/commands/command.ts';
import { COMMANDS, helpOf, overview } from './cli/commands/table.ts';
import { describeFailure, exitCodeOf, printed } from './cli/failure.ts';
import { flagsOf } from './cli/flags-of.ts';

async function main(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [first = ''] = argv;
  const isNamed = first !== '' && !first.startsWith('-');
  const command = chooseCommand(isNamed ? first : 'start');
  process.stdout.on('error', (error) => {
    if (!hasErrorCode(error, 'EPIPE')) {
      process.exit(fail(new UsageError(`The output cannot be written: ${errorText(error)}`)));
    }
    // Whoever read the output has left, as `head` does: nobody is there to be told.
    process.exit(command.isEndless ? EXIT.ok : EXIT.failure);
  });
  const end = argv.indexOf('--');
  const own = argv.slice(isNamed ? 1 : 0, end < 0 ? undefined : end);
  const { flags, positionals } = parseFlags(own, flagsOf(command));
  if (flags.has('version')) {
    console.log(readVersion());
  } else if (flags.has('help')) {
    console.log(isNamed ? helpOf(command) : overview());
  } else {
    checkOperands(command, positionals);
    const rest = end < 0 ? [] : argv.slice(end + 1);
    return command.run({ ...processContext(), flags, positionals, rest, environment });
  }
  return EXIT.ok;
}

/** At the end, for calls in the thread pool. */
const LAST_CALLS_MS = 500;
/** At the end, for a log that may have no reader. */
const LAST_LINES_MS = 500;
const LOOK_MS = 20;

/** On Windows the last two are Ctrl-Break and the end of the window; elsewhere SIGHUP is left to nohup and shells. */
const SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGBREAK', 'SIGHUP'] : ['SIGINT', 'SIGTERM'];

/** By a signal: then nobody is waited for who does not read. */
let isToldToEnd = false;

function chooseCommand(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command) return command;
  const names = COMMANDS.map((candidate) => candidate.name);
  throw new UsageError(`${unknownName('command', name, names).replace(/^u/, 'U')}; see --help.`);
}

function processContext(): Omit<CommandContext, 'flags' | 'positionals' | 'rest' | 'environment'> {
  const isTerminal = process.stderr.isTTY === true;
  return {
    folder: process.cwd(),
    clock: systemClock,
    input: process.stdin,
    output: process.stdout,
    isOutputTerminal: process.stdout.isTTY === true,
    isTerminal,
    out: (text) => console.log(text),
    err: (text) => process.stderr.write(`${text}\n`),
    progress: (text) => {
      if (isTerminal) process.stderr.write(`\r\u001b[K${text}`);
    },
    onSignal(callback) {
      const listener = (signal: NodeJS.Signals) => {
        isToldToEnd = true;
        callback(signal);
      };
      for (const signal of SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of SIGNALS) process.off(signal, listener);
      };
    },
    abort: () => exit(EXIT.failure, 0),
  };
}

/**
 * `process.exit` waits for calls in the thread pool: for one of a disk that stands still, for ever. Here calls of a disk are waited
 * for no longer than this.
 */
function exit(code: number, waitMs: number): void {
  const isDiskInUse = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
  if (!isDiskInUse) process.exit(code);
  if (waitMs <= 0) process.kill(process.pid, 'SIGKILL');
  systemClock.setTimeout(() => exit(code, waitMs - LOOK_MS), LOOK_MS);
}

/** Resolves when a stream has taken all that was written to it, or will take no more. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  // The error of a write comes later than the write.
  await turnOfTheLoop();
  if (stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
  });
}

function fail(error: unknown): number {
  console.error(isForPrograms(process.argv.slice(2)) ? JSON.stringify(describeFailure(error)) : printed(error));
  return exitCodeOf(error);
}

/** Also of a line that cannot be parsed. */
function isForPrograms(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? undefined : end).includes('--json');
}

// Every command ends with its code. What only waits, such as for a store that does not answer, must not end it before.
keepProcessAlive();
process.stderr.on('error', () => {});
main(process.argv.slice(2), process.env)
  .catch(fail)
  .then(async (code) => {
    // A pipe takes what its reader has room for: `process.exit` would lose the rest of what was asked for.
    if (!isToldToEnd) await written(process.stdout);
    await Promise.race([written(process.stderr), wait(systemClock, LAST_LINES_MS)]);
    exit(code, LAST_CALLS_MS);
  });
