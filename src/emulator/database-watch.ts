import type { Clock, Timer } from '../base/clock.ts';
import { fileIdentity } from '../base/file-identity.ts';
import type { Log } from '../base/log.ts';

const INTERVAL_MS = 5_000;

const DATABASE_GONE = {
  reason: 'it was deleted or moved, and what is written is lost at the stop',
  advice: 'save everything before: oss-livechannel-emulator backup FOLDER',
};
/** The bytes of its objects are gone from there too, so that there is nothing to copy. */
const FOLDER_GONE = {
  reason: 'the data folder was deleted or moved',
  advice: 'put it back, or stop the emulator and start it on the folder where it is now',
};

export interface DatabaseWatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the data folder is still at its path. */
  readonly isAtPath: () => boolean;
}

/**
 * Notices that somebody has deleted or moved the database of a running emulator. SQLite goes on with the file that it has
 * open, so that everything works until the stop, and is lost with it.
 */
export class DatabaseWatch {
  readonly #path: string;
  readonly #deps: DatabaseWatchDeps;
  readonly #opened: string | undefined;
  #timer: Timer | undefined;

  constructor(path: string, deps: DatabaseWatchDeps) {
    this.#path = path;
    this.#deps = deps;
    this.#opened = fileIdentity(path);
  }

  start(): void {
    this.#timer = this.#deps.clock.setTimeout(() => this.#look(), INTERVAL_MS);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    if (fileIdentity(this.#path) === this.#opened) {
      this.start();
      return;
    }
    const { log, isAtPath } = this.#deps;
    log.error('database.gone', { path: this.#path, ...(isAtPath() ? DATABASE_GONE : FOLDER_GONE) });
  }
}
