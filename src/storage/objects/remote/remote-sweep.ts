import pLimit from 'p-limit';
import type { Clock } from '../../../base/clock.ts';
import { wait } from '../../../base/wait.ts';
import { collectLocations, type NamedLocations } from '../location-set.ts';
import { UNNAMED_KEPT_MS } from '../object-store.ts';
import type { Attempts } from './attempts.ts';
import type { ListedKey, RemoteBucket, RequestLimits } from './remote-bucket.ts';

/** What is younger may get its row yet, or is read by somebody whose row was there a moment ago. */
const MIN_AGE_MS = 60 * 60_000;
/** A client may send the parts of one object for long. */
const MIN_UPLOAD_AGE_MS = 24 * 60 * 60_000;
const PERIOD_MS = 60 * 60_000;
const REQUEST_LIMIT_MS = 30_000;
/** Of one pass; the next one goes on. */
const MAX_NEW_NOTES = 10_000;
/** In all: they are in memory during a pass. */
const MAX_NOTES = 100_000;
/** So many notes are written at a time: one after the other, ten thousand would take a store of usual speed minutes. */
const NOTE_REQUESTS = 16;
const BATCH = 1_000;
/** Below it is, for each location that a pass found without a row, an empty object with its name; its age says since when. */
const NOTES = 'unnamed/';

export interface RemoteSwept {
  /** Found without a row for the first time. */
  readonly noted: number;
  /** Removed. */
  readonly count: number;
  readonly sizeBytes: number;
  readonly uploads: number;
}

/** Runs a pass, unless another node runs one now. */
export type RunAlone = (pass: () => Promise<void>) => Promise<void>;

export interface RemoteSweepOptions {
  readonly clock: Clock;
  readonly bucket: RemoteBucket;
  readonly attempts: Attempts;
  readonly prefix: string;
  /** Below which all locations are. */
  readonly folder: string;
  /** Whether this process keeps the location for another reason. */
  readonly isKept: (location: string) => boolean;
  readonly onSwept: (swept: RemoteSwept) => void;
  readonly onFailure: (error: unknown) => void;
  readonly graceMs: number;
  /** Default 10,000. */
  readonly maxNewNotes?: number | undefined;
  /** Default 100,000. */
  readonly maxNotes?: number | undefined;
}

/** What a pass found without a row. */
interface Unnamed {
  /** For the first time. */
  readonly found: readonly string[];
  /** With their sizes: since a week or more. */
  readonly old: ReadonlyMap<string, number>;
  /** Notes of what has a row again, or is gone. */
  readonly outdated: readonly string[];
}

/**
 * Looks once in an hour for bytes that no row names, and for uploads that nobody ends. Every node may do it. Such bytes are not
 * removed at once: a row may have been taken away, with an older database that was put back or by hand. That they have none is
 * noted beside them, where no database forgets it; they are removed when the note is a week old, and nothing has named them since.
 * What is more than the notes that there may be is noted when others are gone.
 */
export class RemoteSweep {
  readonly #options: RemoteSweepOptions;
  readonly #ending = new AbortController();
  #done: Promise<void> | undefined;

  constructor(options: RemoteSweepOptions) {
    this.#options = options;
  }

  start(named: () => NamedLocations, alone: RunAlone): void {
    this.#done ??= this.#run(named, alone);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#done;
  }

  /**
   * One pass. What is to be removed is looked up again after the grace: a row may have been on its way, and a reader of another
   * node too.
   */
  async pass(named: () => NamedLocations): Promise<RemoteSwept> {
    const { clock, graceMs } = this.#options;
    const { signal } = this.#ending;
    const uploads = await this.#abortUploads();
    const { found, old, outdated } = await this.#unnamed(named);
    if (signal.aborted) return { noted: 0, count: 0, sizeBytes: 0, uploads };
    await this.#remove(outdated.map(noteOf));
    await this.#note(found);
    const noted = found.length;
    if (old.size === 0) return { noted, count: 0, sizeBytes: 0, uploads };
    await wait(clock, graceMs, signal);
    const known = await collectLocations(named(), signal);
    const doomed = signal.aborted ? [] : [...old].filter(([location]) => !known.has(location));
    await this.#remove(doomed.flatMap(([location]) => [location, noteOf(location)]));
    const sizeBytes = doomed.reduce((sum, [, size]) => sum + size, 0);
    return { noted, count: doomed.length, sizeBytes, uploads };
  }

  async #run(named: () => NamedLocations, alone: RunAlone): Promise<void> {
    const { clock, onSwept, onFailure } = this.#options;
    const { signal } = this.#ending;
    const passAndTell = async () => {
      const swept = await this.pass(named);
      if (swept.noted + swept.count + swept.uploads > 0) onSwept(swept);
    };
    while (!signal.aborted) {
      try {
        await alone(passAndTell);
      } catch (error) {
        if (!signal.aborted) onFailure(error);
      }
      await wait(clock, PERIOD_MS, signal);
    }
  }

  /**
   * Rows are read first: bytes that are listed after that and have none are young, or belong to nobody. Incomplete when the sweep
   * ends meanwhile.
   */
  async #unnamed(named: () => NamedLocations): Promise<Unnamed> {
    const { folder, clock, isKept, maxNewNotes = MAX_NEW_NOTES, maxNotes = MAX_NOTES } = this.#options;
    const known = await collectLocations(named(), this.#ending.signal);
    const notes = await this.#notes();
    const maxFound = Math.min(maxNewNotes, maxNotes - notes.size);
    const outdated = new Set(notes.keys());
    const found: string[] = [];
    const old = new Map<string, number>();
    for await (const { location, sizeBytes, modifiedMs } of this.#listed(folder)) {
      if (modifiedMs >= clock.now() - MIN_AGE_MS || known.has(location) || isKept(location)) continue;
      const notedMs = notes.get(location);
      outdated.delete(location);
      if (notedMs === undefined) {
        if (found.length < maxFound) found.push(location);
      } else if (notedMs < clock.now() - UNNAMED_KEPT_MS) {
        old.set(location, sizeBytes);
      }
    }
    return { found, old, outdated: [...outdated] };
  }

  /** Since when a location has had no row, by the clock of the store. */
  async #notes(): Promise<ReadonlyMap<string, number>> {
    const notes = new Map<string, number>();
    for await (const { location, modifiedMs } of this.#listed(noteOf(this.#options.folder))) {
      notes.set(location.slice(NOTES.length), modifiedMs);
    }
    return notes;
  }

  async #note(locations: readonly string[]): Promise<void> {
    const { bucket, prefix } = this.#options;
    const limit = pLimit(NOTE_REQUESTS);
    try {
      await limit.map(locations, (location) =>
        this.#request('PUT', (limits) => bucket.put(prefix + noteOf(location), NOTHING, 'no row names it', limits)),
      );
    } finally {
      limit.clearQueue();
    }
  }

  /** Ends early when the sweep ends. */
  async *#listed(folder: string): AsyncGenerator<Omit<ListedKey, 'key'> & { readonly location: string }> {
    const { bucket, prefix } = this.#options;
    for (let after = ''; !this.#ending.signal.aborted; ) {
      const from = after;
      const page = await this.#request('list', (limits) => bucket.list(prefix + folder, from, limits));
      const last = page.at(-1);
      if (!last) return;
      after = last.key;
      for (const { key, sizeBytes, modifiedMs } of page) {
        yield { location: key.slice(prefix.length), sizeBytes, modifiedMs };
      }
    }
  }

  async #remove(locations: readonly string[]): Promise<void> {
    const { bucket, prefix } = this.#options;
    for (let at = 0; at < locations.length && !this.#ending.signal.aborted; at += BATCH) {
      const keys = locations.slice(at, at + BATCH).map((location) => prefix + location);
      await this.#request('DELETE', (limits) => bucket.delete(keys, limits));
    }
  }

  async #abortUploads(): Promise<number> {
    const { bucket, prefix, folder, clock } = this.#options;
    const uploads = await this.#request('list of uploads', (limits) => bucket.listUploads(prefix + folder, limits));
    const old = uploads.filter(({ initiatedMs }) => initiatedMs < clock.now() - MIN_UPLOAD_AGE_MS);
    for (const { key, uploadId } of old) {
      await this.#request('abort', (limits) => bucket.abortUpload(key, uploadId, limits));
    }
    return old.length;
  }

  #request<Result>(what: string, act: (limits: RequestLimits) => Promise<Result>): Promise<Result> {
    return this.#options.attempts.run({ what, limitMs: REQUEST_LIMIT_MS, signal: this.#ending.signal, act });
  }
}

const NOTHING = Buffer.alloc(0);

function noteOf(location: string): string {
  return NOTES + location;
}
