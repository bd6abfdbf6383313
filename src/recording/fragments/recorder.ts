import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../../base/clock.ts';
import { toError } from '../../base/error-text.ts';
import { UniqueTimes } from '../../base/unique-times.ts';
import type { Fence } from '../../storage/leases/leases.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import {
  type ObjectHint,
  type ObjectStore,
  type ObjectWriter,
  RECORDING_RETRY_MS,
} from '../../storage/objects/object-store.ts';
import { writeRowOf } from '../../storage/objects/write-row.ts';
import { patiently } from '../../storage/postgres/patiently.ts';
import type { FragmentInfo, FragmentSink, FragmentWriter } from '../segmenter/segmenter.ts';
import type { Place, Shelf } from './shelf.ts';

/** The content type OSS stores fragments under. */
const FRAGMENT_CONTENT_TYPE = 'video/MP2T';

/**
 * With more than these the publisher waits too: each may keep a block of memory and an open file. So many of a second come while a
 * store that was away is tried again.
 */
const MAX_UNSTORED_FRAGMENTS = RECORDING_RETRY_MS / 1_000;

export interface RecorderOptions {
  readonly clock: Clock;
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly shelf: Shelf;
  readonly sessionId: string;
  /** The lease that fragments are stored under. */
  readonly fence?: Fence | undefined;
  /** Done before the first fragment is stored, while it is recorded. */
  readonly before?: (() => Promise<void>) | undefined;
  /** Called once, when a write fails or a fragment cannot be stored; the fragments after that one are not stored. */
  readonly onFailure: (error: Error) => void;
  /** Storing is slower than the stream: give it no more frames until the promise settles. */
  readonly onBusy: (until: Promise<void>) => void;
}

/** What was recorded and could not be stored: the fragment that failed, and those after it. */
export interface LostRecording {
  readonly fragments: number;
  /** Of their media, in milliseconds. */
  readonly durationMs: number;
}

/** The end of the recordings made so far. */
export interface RecordingPosition {
  /** The latest start of a fragment of the source; undefined when there is none. */
  readonly latestStartMs: number | undefined;
  /** Next sequence number of the playlist. */
  readonly nextSequence: number;
}

interface ClosedFragment {
  readonly place: Place;
  readonly startMs: number;
  readonly sequence: number;
  readonly info: FragmentInfo;
}

export async function recordingPosition(
  metadata: MetadataStore,
  { source, playlistId }: Pick<Shelf, 'source' | 'playlistId'>,
): Promise<RecordingPosition> {
  return {
    latestStartMs: await metadata.lastFragmentStart(source),
    nextSequence: await metadata.nextSequence(playlistId),
  };
}

/**
 * Stores the fragments of one session: bytes first, then object and index row in one transaction, then the actions of
 * the shelf (live playlist, event). A crash between two steps leaves at worst bytes that no row names, or a playlist that
 * lacks its last fragment; the next start repairs both. The bytes of a fragment are sent when it is closed; fragments are listed
 * one at a time, in their order, while the next one is recorded.
 */
export class Recorder implements FragmentSink {
  readonly #options: RecorderOptions;
  readonly #firstSequence: number;
  readonly #starts = new UniqueTimes();
  /** Of the source. */
  #latestStartMs: number;
  #sequence: number;
  #stored: Promise<void> = Promise.resolve();
  /** How many are closed and not stored yet. */
  #unstoredCount = 0;
  /** A fragment was not stored, so those after it are not either. */
  #isSkipping = false;
  #lost: LostRecording | undefined;
  #isReported = false;

  constructor(options: RecorderOptions, position: RecordingPosition) {
    this.#options = options;
    this.#latestStartMs = position.latestStartMs ?? Number.NEGATIVE_INFINITY;
    this.#firstSequence = position.nextSequence;
    this.#sequence = position.nextSequence;
    if (options.before) this.#then(options.before);
  }

  /** Begins a fragment. It is named by the wall clock. */
  open(): FragmentWriter {
    const { shelf, bytes, clock } = this.#options;
    const startMs = this.#starts.next(clock.now());
    const place = shelf.place(startMs, this.#sequence);
    const { bucket, key } = place;
    const upload = new FragmentUpload({
      bytes,
      hint: { bucket, key, retryMs: RECORDING_RETRY_MS },
      onBusy: this.#options.onBusy,
      onFailure: (error) => this.#report(error),
    });
    return {
      write: (packets) => upload.write(packets),
      abort: () => this.#then(() => upload.abort()),
      close: (info) => {
        const sequence = this.#sequence++;
        this.#unstoredCount += 1;
        // Who stores it, or gives it up, hears of a failure.
        if (!this.#isSkipping) upload.commit().catch(() => {});
        this.#then(() =>
          this.#store(upload, { place, startMs, sequence, info }).finally(() => {
            this.#unstoredCount -= 1;
          }),
        );
        if (this.#unstoredCount > MAX_UNSTORED_FRAGMENTS) this.#options.onBusy(this.#stored);
      },
    };
  }

  /** Resolves when every closed fragment is stored and listed, or given up: to what was lost, if something was. */
  async flushed(): Promise<LostRecording | undefined> {
    await this.#stored;
    return this.#lost;
  }

  #then(action: () => Promise<void>): void {
    this.#stored = this.#stored.then(action).catch((error) => {
      this.#isSkipping = true;
      this.#report(error);
    });
  }

  #report(error: unknown): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#options.onFailure(toError(error));
  }

  /**
   * The start that a fragment is stored under: the next free one where another fragment of the source has it. A clock that
   * was set back passes the starts of earlier fragments again; otherwise a start is later than all, and nothing is read.
   */
  async #freeStart(openedMs: number): Promise<number> {
    const { metadata, shelf } = this.#options;
    const isLatest = openedMs > this.#latestStartMs;
    const startMs = isLatest ? openedMs : await metadata.freeFragmentStart(shelf.source, openedMs);
    this.#latestStartMs = Math.max(this.#latestStartMs, startMs);
    this.#starts.taken(openedMs, startMs);
    return startMs;
  }

  async #store(upload: FragmentUpload, fragment: ClosedFragment): Promise<void> {
    const { sessionId, shelf } = this.#options;
    const { sequence, info } = fragment;
    if (this.#isSkipping) {
      this.#lose(info);
      return upload.abort();
    }
    const key = await this.#keep(upload, fragment).catch((error) => {
      this.#lose(info);
      throw error;
    });
    await whileAway(() => shelf.listed({ sessionId, key, sequence, ...info }));
  }

  #lose({ durationMs }: FragmentInfo): void {
    const { fragments, durationMs: beforeMs } = this.#lost ?? { fragments: 0, durationMs: 0 };
    this.#lost = { fragments: fragments + 1, durationMs: beforeMs + durationMs };
  }

  /** Bytes, object and index row. Resolves to the key. */
  async #keep(upload: FragmentUpload, fragment: ClosedFragment): Promise<string> {
    const { sessionId, metadata, bytes, shelf, clock, fence } = this.#options;
    const { sequence, info } = fragment;
    const startMs = await whileAway(() => this.#freeStart(fragment.startMs)).catch(async (error) => {
      await upload.abort();
      throw error;
    });
    const location = await upload.commit();
    const place = startMs === fragment.startMs ? fragment.place : shelf.moved(fragment.place, startMs);
    const { bucket, key, playlistId, path, picture } = place;
    const storedMs = clock.now();
    const put = () =>
      metadata.putFragment(
        {
          bucket,
          key,
          type: 'Normal',
          sizeBytes: info.sizeBytes,
          // Only the ETag of an uploaded object is its MD5; the MD5 of a recording would cost more than its muxing.
          etag: randomUUID().replaceAll('-', '').toUpperCase(),
          lastModifiedMs: storedMs,
          acl: 'default',
          location,
          crc64: null,
          contentMd5: null,
          headers: { 'content-type': FRAGMENT_CONTENT_TYPE },
          restore: null,
          accessedMs: null,
        },
        {
          source: shelf.source,
          startMs,
          uploadedMs: storedMs,
          durationMs: info.durationMs,
          sessionId,
          playlistId,
          sequence,
          // The first fragment of a session continues the playlist of the session before it, with a timeline of its own.
          discontinuity: info.discontinuity || (sequence > 0 && sequence === this.#firstSequence),
          path,
          picture,
        },
        fence,
      );
    const { replacedLocation } = await writeRowOf(bytes, location, () => whileAway(put));
    // The name of a slice can be that of an earlier one. If its file was lost, the new one is in its place.
    if (replacedLocation !== undefined && replacedLocation !== location) await bytes.delete(replacedLocation);
    return key;
  }
}

/** A recording waits as long for its rows as for its bytes; the lease it is made under may end it before. */
function whileAway<Result>(act: () => Promise<Result>): Promise<Result> {
  return patiently(systemClock, RECORDING_RETRY_MS, act);
}

interface FragmentUploadOptions {
  readonly bytes: ObjectStore;
  readonly hint: ObjectHint;
  readonly onBusy: (until: Promise<void>) => void;
  readonly onFailure: (error: unknown) => void;
}

/** The upload of one fragment. The bytes keep their order also when the store has back-pressure. */
class FragmentUpload {
  readonly #options: FragmentUploadOptions;
  readonly #writer: ObjectWriter;
  readonly #ending = new AbortController();
  #pending: Promise<void> | undefined;
  #committed: Promise<string> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: FragmentUploadOptions) {
    this.#options = options;
    this.#writer = options.bytes.create({ ...options.hint, signal: this.#ending.signal });
  }

  write(packets: Buffer): void {
    if (this.#failure) return;
    try {
      const busy = this.#pending ? this.#writeAfter(this.#pending, packets) : this.#writer.write(packets);
      if (busy) this.#waitFor(busy);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #writeAfter(pending: Promise<void>, packets: Buffer): Promise<void> {
    const copy = Buffer.from(packets);
    await pending;
    if (!this.#failure) await this.#writer.write(copy);
  }

  /**
   * Sends what was written, once; every call resolves to its location.
   * @throws the error of a write that has failed, also after the fragment was closed: its bytes are not whole
   */
  commit(): Promise<string> {
    this.#committed ??= this.#commit();
    return this.#committed;
  }

  async #commit(): Promise<string> {
    await this.#pending;
    if (!this.#failure) return this.#writer.commit();
    this.#ending.abort(this.#failure.error);
    await this.#writer.abort();
    throw this.#failure.error;
  }

  /** What was committed meanwhile is deleted. */
  async abort(): Promise<void> {
    this.#ending.abort(new Error('an earlier fragment was not stored'));
    await this.#pending;
    if (!this.#committed) return this.#writer.abort();
    const location = await this.#committed.catch(() => undefined);
    if (location !== undefined) await this.#options.bytes.delete(location);
  }

  #waitFor(busy: Promise<void>): void {
    const { onBusy } = this.#options;
    const pending: Promise<void> = busy
      .catch((error) => this.#fail(error))
      .then(() => {
        if (this.#pending === pending) this.#pending = undefined;
      });
    this.#pending = pending;
    onBusy(pending);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#options.onFailure(error);
  }
}
