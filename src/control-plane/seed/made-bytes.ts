import type { MuxerFactory } from '../../recording/segmenter/segmenter.ts';
import { LocationNotFound, type ObjectReader, type ObjectStore } from '../../storage/objects/object-store.ts';
import { type Clip, loadClip } from '../publisher/clip.ts';
import { EndlessRecording } from './endless-recording.ts';

/** No bucket name begins like this, so no location of a store does. */
const PREFIX = '~made';
const LOCATION = /^~made\/(\d{1,3})\/(\d{1,9})$/;

/**
 * The bytes of seeded recordings. A day of them would be gigabytes, but they follow from the clip, the length of the
 * fragments and a number. So the location holds only these values, and the bytes are computed when they are read.
 */
export class MadeBytes {
  readonly #muxer: MuxerFactory;
  readonly #recordings = new Map<number, EndlessRecording>();
  #clip: Promise<Clip> | undefined;

  constructor(muxer: MuxerFactory) {
    this.#muxer = muxer;
  }

  async recording(fragDurationSec: number): Promise<EndlessRecording> {
    this.#clip ??= loadClip(undefined);
    const clip = await this.#clip;
    const known = this.#recordings.get(fragDurationSec);
    if (known) return known;
    const recording = new EndlessRecording(clip, fragDurationSec, this.#muxer);
    this.#recordings.set(fragDurationSec, recording);
    return recording;
  }

  /** The location of the n-th fragment, from 0. */
  location(fragDurationSec: number, index: number): string {
    return `${PREFIX}/${fragDurationSec}/${index}`;
  }

  /** Whether this emulator makes bytes of that size there: another version may have another clip. */
  async isMadeHere(location: string, sizeBytes: number): Promise<boolean> {
    const name = parseLocation(location);
    if (!name) return false;
    return (await this.recording(name.fragDurationSec)).fragment(name.index).sizeBytes === sizeBytes;
  }

  /** A store that reads such locations too. */
  over(inner: ObjectStore): ObjectStore {
    return {
      create: (hint) => inner.create(hint),
      open: (location) => (isMade(location) ? this.#open(location) : inner.open(location)),
      delete: async (location) => {
        if (!isMade(location)) await inner.delete(location);
      },
      close: () => inner.close(),
    };
  }

  async #open(location: string): Promise<ObjectReader> {
    const name = parseLocation(location);
    if (!name) throw new LocationNotFound(location);
    const bytes = (await this.recording(name.fragDurationSec)).bytes(name.index);
    return {
      sizeBytes: bytes.length,
      chunks: (range) => [range ? bytes.subarray(range.start, range.end + 1) : bytes],
      close: async () => {},
    };
  }
}

/** Whether the bytes at a location are in no store, because they are computed. */
export function isMade(location: string): boolean {
  return location.startsWith(PREFIX);
}

function parseLocation(location: string): { readonly fragDurationSec: number; readonly index: number } | undefined {
  const [, fragDurationSec, index] = LOCATION.exec(location) ?? [];
  if (fragDurationSec === undefined || index === undefined) return undefined;
  return { fragDurationSec: Number(fragDurationSec), index: Number(index) };
}
