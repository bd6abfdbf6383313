/** HTTP-FLV: a stream as an FLV file that ends when the stream ends. */
import type { Writable } from 'node:stream';
import { type Clock, systemClock } from '../base/clock.ts';
import { flvConfigTag, flvFrameTag, flvHeader } from '../media/flv/writer.ts';
import type { Frame } from '../media/frame.ts';
import { encodeAmf0 } from '../rtmp/amf0.ts';
import type { Showing } from './viewers.ts';
import type { StreamOutput, WatchableStream } from './watchable.ts';

/** Limit of the data that a viewer has not read. Above it everything is left out until the next key frame. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

const CODEC_ID = { h264: 7, aac: 10 };

/** A viewer who has read nothing for so long while there was more to read has left its place. */
const MAX_UNREAD_MS = 60_000;

/**
 * Writes a stream to `response`, whose head has been written already.
 * @param clock the real time, because a viewer does not follow the emulator's clock
 */
export function showFlv(stream: WatchableStream, response: Writable, clock: Clock = systemClock): Showing {
  let stop = () => {};
  let end = (_cause: string) => {};
  const ended = new Promise<string>((resolve) => {
    end = (cause) => {
      stop();
      response.end();
      resolve(cause);
    };
  });
  const leave = () => {
    end('the viewer did not read');
    // It would read the rest before the end.
    response.destroy();
  };
  const output = new FlvOutput({ response, stream, clock, leave, ended: () => end('the stream ended') });
  response.on('close', () => end('the viewer left'));
  stop = stream.watch(output);
  // The viewer does not have to wait for the next key frame.
  for (const frame of stream.recent()) output.write(frame);
  // It may have left before the listener was added: then there is no `close` event.
  if (response.destroyed) end('the viewer left');
  return { ended, close: (reason) => end(reason) };
}

interface FlvOutputDeps {
  readonly response: Writable;
  readonly stream: WatchableStream;
  readonly clock: Clock;
  /** The viewer reads nothing. */
  readonly leave: () => void;
  readonly ended: () => void;
}

class FlvOutput implements StreamOutput {
  readonly ended: () => void;
  readonly #response: Writable;
  readonly #stream: WatchableStream;
  readonly #clock: Clock;
  readonly #leave: () => void;
  #videoConfig: Buffer | undefined;
  #audioConfig: Buffer | undefined;
  /** Time of the first frame, which is 0 in the file; undefined before it. */
  #originMs: number | undefined;
  #lastDtsMs = 0;
  #isBehind = false;
  /** Since when it is behind and has read nothing, and what was unread then. */
  #unread = { sinceMs: 0, bytes: 0 };
  /** Configurations that changed while it was behind. */
  readonly #missedConfigs = new Set<'video' | 'audio'>();

  constructor({ response, stream, clock, leave, ended }: FlvOutputDeps) {
    this.#response = response;
    this.#stream = stream;
    this.#clock = clock;
    this.#leave = leave;
    this.ended = ended;
  }

  videoConfig(record: Buffer): void {
    if (this.#videoConfig?.equals(record)) return;
    this.#videoConfig = Buffer.from(record);
    this.#configChanged('video');
  }

  audioConfig(config: Buffer): void {
    if (this.#audioConfig?.equals(config)) return;
    this.#audioConfig = Buffer.from(config);
    this.#configChanged('audio');
  }

  write(frame: Frame): true {
    if (this.#originMs === undefined) {
      // Decoding can only begin with a key frame.
      if (this.#videoConfig && !(frame.kind === 'video' && frame.keyFrame)) return true;
      this.#originMs = frame.dtsMs;
      this.#begin();
    }
    // Audio from before the first picture.
    if (frame.dtsMs < this.#originMs) return true;
    if (this.#keepsUp(frame)) {
      for (const kind of this.#missedConfigs) this.#writeConfig(kind, this.#originMs);
      this.#missedConfigs.clear();
      this.#lastDtsMs = Math.max(this.#lastDtsMs, frame.dtsMs);
      this.#response.write(flvFrameTag(frame, this.#originMs));
    }
    return true;
  }

  discontinuity(): void {
    // Nothing to do: the times go on over it.
  }

  #begin(): void {
    const { video, audio } = this.#stream.stat();
    const properties = {
      ...(video && { width: video.width, height: video.height, framerate: video.frameRate }),
      ...(video && { videocodecid: CODEC_ID.h264 }),
      ...(audio && { audiosamplerate: audio.sampleRate }),
      // Stat has the sound from its first frame on, which may come later.
      ...(this.#audioConfig && { audiocodecid: CODEC_ID.aac }),
    };
    const metadata = encodeAmf0(['onMetaData', properties]);
    this.#response.write(flvHeader({ videoConfig: this.#videoConfig, audioConfig: this.#audioConfig, metadata }));
  }

  #configChanged(kind: 'video' | 'audio'): void {
    if (this.#originMs === undefined) return;
    this.#noticeUnread();
    if (this.#isBehind) this.#missedConfigs.add(kind);
    else this.#writeConfig(kind, this.#originMs);
  }

  #writeConfig(kind: 'video' | 'audio', originMs: number): void {
    const config = kind === 'video' ? this.#videoConfig : this.#audioConfig;
    if (config) this.#response.write(flvConfigTag(kind, config, Math.round(this.#lastDtsMs - originMs)));
  }

  #keepsUp(frame: Frame): boolean {
    this.#noticeUnread();
    const { writableLength } = this.#response;
    const canBegin = frame.kind === 'video' ? frame.keyFrame : this.#videoConfig === undefined;
    if (this.#isBehind && canBegin && writableLength < MAX_UNREAD_BYTES / 2) this.#isBehind = false;
    if (this.#isBehind) this.#noticeAbsence(writableLength);
    return !this.#isBehind;
  }

  #noticeAbsence(unreadBytes: number): void {
    const nowMs = this.#clock.elapsed();
    if (unreadBytes !== this.#unread.bytes) this.#unread = { sinceMs: nowMs, bytes: unreadBytes };
    else if (nowMs - this.#unread.sinceMs > MAX_UNREAD_MS) this.#leave();
  }

  #noticeUnread(): void {
    if (this.#response.writableLength > MAX_UNREAD_BYTES) this.#isBehind = true;
  }
}
