import { posix } from 'node:path';

/** More than the channels that are recorded at a time; each takes some hundred bytes. */
const MAX_FOLDERS = 1024;

/**
 * Folders that hold a file, because the latest one that was put there is still there. An attempt to remove such a folder, which
 * fails, costs more than deleting a file of it.
 */
export class OccupiedFolders {
  /** The latest location by its folder; the folder that was used last comes last. */
  readonly #latest = new Map<string, string>();

  add(location: string): void {
    const folder = posix.dirname(location);
    this.#latest.delete(folder);
    for (const oldest of this.#latest.keys()) {
      if (this.#latest.size < MAX_FOLDERS) break;
      this.#latest.delete(oldest);
    }
    this.#latest.set(folder, location);
  }

  /** To be called after a file was deleted. Returns whether its folder is known to hold another one. */
  delete(location: string): boolean {
    const folder = posix.dirname(location);
    const latest = this.#latest.get(folder);
    if (latest === location) this.#latest.delete(folder);
    return latest !== undefined && latest !== location;
  }
}
