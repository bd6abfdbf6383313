/** HLS of streams and rooms, recorded or not: the latest fragments, in memory as long as a player requests them. */
import type { Events } from '../events/events.ts';
import { subjectKey, type WatchDirectory, type WatchSubject } from './directory.ts';
import { HlsWindow, type HlsWindowDeps } from './hls-window.ts';
import type { PlaylistNumbers } from './sliding-playlist.ts';
import type { WatchableStream } from './watchable.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

export interface HlsDeps extends HlsWindowDeps {
  readonly events: Pick<Events, 'subscribe'>;
  readonly directory: Pick<WatchDirectory, 'findSubject'>;
}

/** The windows of all streams that are watched over HLS, or were when they ended. */
export class HlsWindows {
  readonly #deps: HlsDeps;
  readonly #windows = new Map<string, { readonly subject: WatchSubject; readonly window: HlsWindow }>();
  readonly #unsubscribe: () => void;
  /** No lower numbers are given to a new window: a player stays at its address when a window is closed. */
  #lowest: PlaylistNumbers = { mediaSequence: 0, discontinuitySequence: 0 };

  constructor(deps: HlsDeps) {
    this.#deps = deps;
    this.#unsubscribe = deps.events.subscribe((event) => {
      if (event.type === 'live.published') {
        this.#published({ domain: event.domain, app: event.app, stream: event.stream });
      } else if (event.type === 'room.joined' && event.role === 'publisher') {
        this.#published({ appId: event.appId, channelId: event.channelId, userId: event.userId });
      } else if (event.type === 'emulator.reset' && event.bucket === undefined) {
        this.#closeAll();
      }
    });
  }

  /** What was watched when it ended, and can still be played. */
  find(isMeant: (subject: WatchSubject) => boolean): WatchSubject | undefined {
    for (const { subject } of this.#windows.values()) if (isMeant(subject)) return subject;
    return undefined;
  }

  /**
   * Resolves when the playlist has a fragment; to undefined when there is none in time.
   *
   * @param stream undefined when the subject is not pushed
   * @param uriOf the URI of a fragment by its sequence number
   */
  async playlist(
    subject: WatchSubject,
    stream: WatchableStream | undefined,
    uriOf: (sequence: number) => string,
  ): Promise<string | undefined> {
    const window = this.#windows.get(subjectKey(subject))?.window ?? (stream && this.#open(subject));
    if (stream) window?.show(stream);
    return window?.playlist(uriOf);
  }

  fragment(subject: WatchSubject, sequence: number): Buffer | undefined {
    return this.#windows.get(subjectKey(subject))?.window.fragment(sequence);
  }

  close(): void {
    this.#unsubscribe();
    this.#closeAll();
  }

  #closeAll(): void {
    for (const { window } of [...this.#windows.values()]) window.close();
  }

  #published(subject: WatchSubject): void {
    const found = this.#windows.get(subjectKey(subject));
    const watched = found && this.#deps.directory.findSubject(subject);
    if (watched) found.window.continue(watched.stream);
  }

  #open(subject: WatchSubject): HlsWindow {
    const key = subjectKey(subject);
    const onClosed = () => {
      this.#windows.delete(key);
      this.#lowest = higher(this.#lowest, window.next);
    };
    // Higher than before a restart of the emulator. hls.js has an array as long as the discontinuity sequence, and stands
    // still when that is as high as the seconds of the clock.
    const nowMs = this.#deps.clock.now();
    const first = higher(this.#lowest, {
      mediaSequence: Math.floor(nowMs / SECOND_MS),
      discontinuitySequence: Math.floor(nowMs / HOUR_MS),
    });
    const window = new HlsWindow({ first, onClosed }, this.#deps);
    this.#windows.set(key, { subject, window });
    return window;
  }
}

function higher(a: PlaylistNumbers, b: PlaylistNumbers): PlaylistNumbers {
  return {
    mediaSequence: Math.max(a.mediaSequence, b.mediaSequence),
    discontinuitySequence: Math.max(a.discontinuitySequence, b.discontinuitySequence),
  };
}
