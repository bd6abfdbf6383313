import type { Clock, Timer } from '../base/clock.ts';
import { fileIdentity } from '../base/file-identity.ts';
import type { Log } from '../base/log.ts';

const INTERVAL_MS = 5_000;

/**
 * Notices that somebody has deleted or moved the database of a running emulator. SQLite goes on with the file that it has
 * open, so that everything works until the stop, and is lost with it.
 */
export class DatabaseWatch {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #opened: string | undefined;
  #timer: Timer | undefined;

  constructor(path: string, clock: Clock, log: Log) {
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
    this.#opened = fileIdentity(path);
  }

  start(): void {
    this.#timer = this.#clock.setTimeout(() => this.#look(), INTERVAL_MS);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    if (fileIdentity(this.#path) === this.#opened) {
      this.start();
      return;
    }
    this.#log.error('database.gone', {
      path: this.#path,
      reason: 'it was deleted or moved, and what is written is lost at the stop',
      advice: 'save everything before: oss-livechannel-emulator backup FOLDER',
    });
  }
}
