import { sourceId } from '../../base/push-source.ts';
import type { Events } from '../../events/events.ts';
import type { MediaStat } from '../../media/stat.ts';
import type { ListedFragment, Place, Shelf } from '../../recording/fragments/shelf.ts';
import type { PictureSize } from '../../storage/metadata/records.ts';
import { sliceFormat } from './record-config.ts';
import { newRecording, type Recording } from './recording.ts';
import { fillTemplate, valuesOf } from './template.ts';

export interface SliceShelfOptions {
  readonly events: Events;
  readonly utcOffsetMs: number;
  /** Called when every slice of a full cycle is stored; `next` is its successor. */
  readonly onNewCycle: (full: Recording, next: Recording) => Promise<void>;
}

/** Stores the slices of one stream: named by the template of its configuration, numbered in one recording per cycle. */
export class SliceShelf implements Shelf {
  readonly source: string;
  /** The recording of the next slice. */
  recording: Recording;
  /** Of the present push. */
  stat: () => MediaStat = () => ({});
  readonly #options: SliceShelfOptions;
  /** Full recordings whose last slices may not be stored yet. */
  readonly #full: { readonly recording: Recording; readonly next: Recording; readonly lastSequence: number }[] = [];

  constructor(recording: Recording, options: SliceShelfOptions) {
    this.source = sourceId(recording.source);
    this.recording = recording;
    this.#options = options;
  }

  get playlistId(): string {
    return this.recording.id;
  }

  place(startMs: number, sequence: number): Place {
    const { source, config } = this.recording;
    const format = sliceFormat(config);
    const cycleMs = (format?.cycleDurationSec ?? 0) * 1000;
    if (startMs - this.recording.startedMs >= cycleMs) this.#beginCycle(startMs, sequence);
    const { utcOffsetMs } = this.#options;
    const values = valuesOf({ ...source, startMs, endMs: startMs, sequence, utcOffsetMs });
    const { bucket } = config;
    const key = `${fillTemplate(format?.sliceObjectPrefix ?? '', values)}.ts`;
    return { bucket, key, playlistId: this.recording.id, path: `${bucket}/${key}`, picture: this.#picture() };
  }

  /** Its name comes from the template and stays. */
  moved(place: Place): Place {
    return place;
  }

  async listed({ sessionId, key, durationMs, sizeBytes, sequence }: ListedFragment): Promise<void> {
    const { domain, app, stream } = this.recording.source;
    const { bucket } = this.recording.config;
    const slice = { bucket, key, durationMs, sizeBytes, sequence };
    this.#options.events.emit({ type: 'live.slice-stored', domain, app, stream, sessionId, ...slice });
    await this.settled(sequence);
  }

  /**
   * Reports the cycles that are stored up to a slice; without an argument all of them, because no slice will follow.
   */
  async settled(storedSequence = Number.POSITIVE_INFINITY): Promise<void> {
    for (let [first] = this.#full; first && first.lastSequence <= storedSequence; [first] = this.#full) {
      this.#full.shift();
      await this.#options.onNewCycle(first.recording, first.next);
    }
  }

  #beginCycle(startMs: number, sequence: number): void {
    const { source, config, owner } = this.recording;
    const next = newRecording(source, config, startMs, owner);
    this.#full.push({ recording: this.recording, next, lastSequence: sequence - 1 });
    this.recording = next;
  }

  #picture(): PictureSize | null {
    const { video } = this.stat();
    return video && video.width > 0 ? { widthPx: video.width, heightPx: video.height } : null;
  }
}
