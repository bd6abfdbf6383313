#!/usr/bin/env node
import { banner } from './banner.ts';
import { systemClock } from './clock.ts';
import { type CommandLine, helpText, readCommandLine } from './command-line.ts';
import { Emulator } from './emulator.ts';
import { UsageError } from './errors.ts';
import { createLog } from './log.ts';
import { readVersion } from './version.ts';

/** Exit codes: 0 ended as asked, 1 a failure of ours, 2 a mistake in how we were started. */
const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

async function main(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const commandLine = readCommandLine(argv, environment);
  if (commandLine.help) console.log(helpText());
  else if (commandLine.version) console.log(readVersion());
  else await run(commandLine);
}

async function run({ config, given }: CommandLine): Promise<void> {
  const clock = systemClock;
  const log = createLog(config.logLevel, (line) => process.stderr.write(`${line}\n`), clock.now);
  const emulator = new Emulator(config, { clock, log });
  const addresses = await emulator.start(!given.has('rtmpPort'));
  let stopping = false;
  const stop = async (signal: string) => {
    // Who asks twice does not want to wait for the last fragments.
    if (stopping) process.exit(EXIT.failure);
    stopping = true;
    log.info('stopping', { signal });
    await emulator.stop();
    process.exit(EXIT.ok);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => stop(signal).catch(fail));
  }
  // Last, for whoever reads it may send a signal at once.
  console.log(banner(config, addresses, clock.now()));
}

function fail(error: unknown): void {
  if (error instanceof UsageError) {
    console.error(error.message);
    process.exit(EXIT.usage);
  }
  console.error(error);
  process.exit(EXIT.failure);
}

main(process.argv.slice(2), process.env).catch(fail);
