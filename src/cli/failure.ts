import { errorStack, errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import { RtmpRefusedError } from '../rtmp/client.ts';
import { EXIT } from './commands/command.ts';
import { NoEmulator, Refused } from './commands/emulator-client.ts';

/** What ended the command, as it is printed: one line of an expected error, all of a bug with its stack. */
export function printed(error: unknown): unknown {
  const expected = [UsageError, NoEmulator, Refused, RtmpRefusedError];
  return expected.some((known) => error instanceof known) ? errorText(error) : error;
}

/** The same for programs. */
export function describeFailure(error: unknown): {
  readonly error: string;
  readonly exitCode: number;
  /** Of a bug. */
  readonly stack?: string;
} {
  const isBug = printed(error) === error;
  return { error: errorText(error), exitCode: exitCodeOf(error), ...(isBug && { stack: errorStack(error) }) };
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  return error instanceof NoEmulator ? EXIT.noEmulator : EXIT.failure;
}
