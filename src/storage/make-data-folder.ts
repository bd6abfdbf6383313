import { accessSync, constants } from 'node:fs';
import { cutText } from '../base/cut-text.ts';
import { hasErrorCode } from '../base/error-code.ts';
import { UsageError } from '../base/errors.ts';
import { makePrivateFolder } from '../base/private-paths.ts';
import { machineFault, shortText } from './machine-fault.ts';

/** Of a path that is shown. */
const MAX_PATH_CHARS = 200;

/**
 * Makes the data folder with its parents, unless it exists.
 *
 * @throws UsageError when it cannot be made, is something else, or may not be written to
 */
export function makeDataFolder(dir: string): void {
  try {
    makePrivateFolder(dir);
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    // Its parents exist or were made just now: it is no place for folders, as below /proc.
    const isNoPlace = hasErrorCode(error, 'ENOENT');
    throw isNoPlace
      ? unusable(dir, `no folder can be made there (${shortText(error)})`)
      : unusableDataFolder(dir, error);
  }
}

/** An error of a start as one sentence for the person who named the folder, if the machine is the reason; otherwise as it is. */
export function explainStart(error: unknown, dir: string): unknown {
  const isUnknown = error instanceof UsageError || machineFault(error) === undefined;
  return isUnknown ? error : unusableDataFolder(dir, error);
}

function unusableDataFolder(dir: string, error: unknown): UsageError {
  return unusable(dir, machineFault(error) ?? shortText(error));
}

function unusable(dir: string, reason: string): UsageError {
  return new UsageError(
    `${printable(dir)} cannot be used as data folder: ${reason}. Mend that, or choose another --data-dir.`,
  );
}

/** A path may be as long as an argument, and contain anything. */
function printable(path: string): string {
  return cutText(path.replace(/\p{Cc}/gu, '?'), MAX_PATH_CHARS);
}
