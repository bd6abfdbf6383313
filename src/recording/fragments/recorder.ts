import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { toError } from '../../base/error-text.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { ObjectStore, ObjectWriter } from '../../storage/objects/object-store.ts';
import type { FragmentInfo, FragmentSink, FragmentWriter } from '../segmenter/segmenter.ts';
import type { Place, Shelf } from './shelf.ts';

/** The content type OSS stores fragments under. */
const FRAGMENT_CONTENT_TYPE = 'video/MP2T';

export interface RecorderOptions {
  readonly clock: Clock;
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly shelf: Shelf;
  readonly sessionId: string;
  /** Storing failed; the recorder takes nothing more. */
  readonly onFailure: (error: Error) => void;
  /** Storing is slower than the stream: stop feeding until the promise settles. */
  readonly onBusy: (until: Promise<void>) => void;
}

/** Where the recordings made so far end. */
export interface RecordingPosition {
  /** The latest start of the source; 0 when there is none. */
  readonly lastStartMs: number;
  /** Of the playlist. */
  readonly nextSequence: number;
}

export async function recordingPosition(
  metadata: MetadataStore,
  { source, playlistId }: Pick<Shelf, 'source' | 'playlistId'>,
): Promise<RecordingPosition> {
  return {
    lastStartMs: (await metadata.lastFragmentStart(source)) ?? 0,
    nextSequence: await metadata.nextSequence(playlistId),
  };
}

/**
 * Stores the fragments of one session: bytes first, then object and index row in one step, then what
 * the shelf does: the live playlist, the event. A crash between two of these leaves at worst bytes that nothing lists, or a playlist one fragment behind,
 * which the next start mends. Fragments are stored one after the other, in the background of the next one's recording.
 */
export class Recorder implements FragmentSink {
  readonly #options: RecorderOptions;
  readonly #firstSequence: number;
  #sequence: number;
  #lastStartMs: number;
  #stored: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(options: RecorderOptions, position: RecordingPosition) {
    this.#options = options;
    this.#lastStartMs = position.lastStartMs;
    this.#firstSequence = position.nextSequence;
    this.#sequence = position.nextSequence;
  }

  /** Begins a fragment, named by the wall clock and by one more while that name is taken. */
  open(): FragmentWriter {
    const { shelf, bytes, clock } = this.#options;
    const startMs = Math.max(clock.now(), this.#lastStartMs + 1);
    this.#lastStartMs = startMs;
    const place = shelf.place(startMs, this.#sequence);
    const { bucket, key } = place;
    const upload = new FragmentUpload(bytes.create({ bucket, key }), this.#options.onBusy, (error) =>
      this.#fail(error),
    );
    return {
      write: (packets) => upload.write(packets),
      abort: () => this.#then(() => upload.abort()),
      close: (info) => {
        const sequence = this.#sequence++;
        this.#then(() => this.#store(upload, { place, startMs, sequence, info }));
      },
    };
  }

  /** Resolves when every closed fragment is stored and listed. */
  flushed(): Promise<void> {
    return this.#stored;
  }

  #then(action: () => Promise<void>): void {
    this.#stored = this.#stored.then(action).catch((error) => this.#fail(error));
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.onFailure(toError(error));
  }

  async #store(
    upload: FragmentUpload,
    fragment: { place: Place; startMs: number; sequence: number; info: FragmentInfo },
  ): Promise<void> {
    if (this.#failed) return upload.abort();
    const { sessionId, metadata, shelf, clock } = this.#options;
    const { place, startMs, sequence, info } = fragment;
    const { bucket, key, playlistId, path, picture } = place;
    const location = await upload.commit();
    const storedMs = clock.now();
    await metadata.putFragment(
      {
        bucket,
        key,
        type: 'Normal',
        sizeBytes: info.sizeBytes,
        // Only the ETag of an uploaded object is its MD5; summing every recorded byte would cost more than muxing it.
        etag: randomBytes(16).toString('hex').toUpperCase(),
        lastModifiedMs: storedMs,
        acl: 'default',
        location,
        crc64: null,
        contentMd5: null,
        headers: { 'content-type': FRAGMENT_CONTENT_TYPE },
      },
      {
        source: shelf.source,
        startMs,
        uploadedMs: storedMs,
        durationMs: info.durationMs,
        sessionId,
        playlistId,
        sequence,
        // The first fragment of a session continues the list of the session before it, on a timeline of its own.
        discontinuity: info.discontinuity || (sequence > 0 && sequence === this.#firstSequence),
        path,
        picture,
      },
    );
    await shelf.listed({ sessionId, key, sequence, ...info });
  }
}

/** The bytes of one fragment on their way to the store, in order even where the store makes us wait. */
class FragmentUpload {
  readonly #writer: ObjectWriter;
  readonly #onBusy: (until: Promise<void>) => void;
  readonly #onFailure: (error: unknown) => void;
  #pending: Promise<void> | undefined;
  #failed = false;

  constructor(writer: ObjectWriter, onBusy: (until: Promise<void>) => void, onFailure: (error: unknown) => void) {
    this.#writer = writer;
    this.#onBusy = onBusy;
    this.#onFailure = onFailure;
  }

  write(packets: Buffer): void {
    if (this.#failed) return;
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
    await this.#writer.write(copy);
  }

  async commit(): Promise<string> {
    await this.#pending;
    return this.#writer.commit();
  }

  async abort(): Promise<void> {
    await this.#pending;
    await this.#writer.abort();
  }

  #waitFor(busy: Promise<void>): void {
    const pending: Promise<void> = busy
      .catch((error) => this.#fail(error))
      .then(() => {
        if (this.#pending === pending) this.#pending = undefined;
      });
    this.#pending = pending;
    this.#onBusy(pending);
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#onFailure(error);
  }
}
