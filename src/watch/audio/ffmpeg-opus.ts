/** Opus by ffmpeg as a child process: AAC with ADTS headers on its standard input, Opus in Ogg on its standard output. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { toError } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import { parseAacConfig } from '../../media/codecs/aac.ts';
import {
  ADTS_HEADER_SIZE_BYTES,
  adtsHeaderTemplate,
  MAX_AAC_FRAME_SIZE_BYTES,
  writeAdtsHeader,
} from '../../media/mpeg-ts/adts.ts';
import { FrameTimes } from './frame-times.ts';
import { OggOpusReader } from './ogg-opus.ts';
import {
  BIT_RATE,
  COMPLEXITY,
  OPUS_RATE_HZ,
  type OpusEncoder,
  type OpusEncoderFactory,
  type OpusPacket,
  PACKET_MS,
} from './opus-encoder.ts';
import { PacketTimes } from './packet-times.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

interface Callbacks {
  readonly onPacket: (packet: OpusPacket) => void;
  readonly onFailure: (error: Error) => void;
}

/** Limit of the data not written to the pipe yet: ten seconds at 192 kbit/s. Frames above it are dropped. */
const MAX_QUEUED_BYTES = 256 * 1024;
const STDERR_TAIL_CHARS = 500;

/**
 * - `-analyzeduration 1`, in microseconds: the first frame is enough to know the stream, SBR included; by default ffmpeg
 *   waits for five seconds. A `-probesize` smaller than a frame, or `-fflags nobuffer`, loses the first frames.
 * - `-page_duration`, in microseconds: one packet per page, so that the granule position is the time of the packet.
 */
const ARGUMENTS = [
  ['-hide_banner', '-nostdin', '-loglevel', 'error'],
  ['-analyzeduration', '1', '-probesize', '4096', '-f', 'aac', '-i', 'pipe:0'],
  ['-map', '0:a:0', '-ac', '2', '-ar', String(OPUS_RATE_HZ), '-c:a', 'libopus', '-b:a', String(BIT_RATE)],
  ['-frame_duration', String(PACKET_MS), '-compression_level', String(COMPLEXITY)],
  ['-f', 'ogg', '-page_duration', String(PACKET_MS * 1000), '-flush_packets', '1', 'pipe:1'],
].flat();

export function ffmpegOpusEncoder(path: string, log: Log): OpusEncoderFactory {
  return (audioConfig, onPacket, onFailure) => new FfmpegOpusEncoder(path, log, audioConfig, { onPacket, onFailure });
}

class FfmpegOpusEncoder implements OpusEncoder {
  readonly #log: Log;
  readonly #callbacks: Callbacks;
  readonly #packetTimes = new PacketTimes();
  readonly #frameTimes: FrameTimes;
  readonly #header: Buffer | undefined;
  #child: Child | undefined;
  #stderrTail = '';
  #complained = false;
  #behind = false;
  #closed = false;

  constructor(path: string, log: Log, audioConfig: Buffer, callbacks: Callbacks) {
    this.#log = log;
    this.#callbacks = callbacks;
    const config = parseAacConfig(audioConfig);
    this.#header = config && adtsHeaderTemplate(config);
    this.#frameTimes = new FrameTimes(config?.coreSampleRateHz ?? OPUS_RATE_HZ);
    if (this.#header) this.#start(path);
    else queueMicrotask(() => this.#fail(new Error('ADTS cannot describe this AAC stream')));
  }

  write(aacFrame: Buffer, dtsMs: number): void {
    if (!this.#child || !this.#header) return;
    if (aacFrame.length === 0 || aacFrame.length > MAX_AAC_FRAME_SIZE_BYTES) {
      this.#unreadable(`no AAC frame has ${aacFrame.length} bytes`);
      return;
    }
    if (this.#child.stdin.writableLength > MAX_QUEUED_BYTES) {
      if (!this.#behind) this.#log.warn('sound.behind', { detail: 'sound arrives faster than it can be encoded' });
      this.#behind = true;
      return;
    }
    const framed = Buffer.allocUnsafe(ADTS_HEADER_SIZE_BYTES + aacFrame.length);
    framed.set(aacFrame, writeAdtsHeader(framed, 0, this.#header, aacFrame.length));
    this.#frameTimes.add(dtsMs);
    this.#child.stdin.write(framed);
  }

  close(): void {
    this.#closed = true;
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  #start(path: string): void {
    // Its own process group: Ctrl-C in the terminal must not end it.
    const child = spawn(path, ARGUMENTS, { detached: true, windowsHide: true });
    child.once('error', (error) => this.#fail(error));
    // Unlike its type says, a child has no pipes when there are no file descriptors left; its `error` event says so.
    if (!child.stdin) return;
    this.#child = child;
    const reader = new OggOpusReader((data, startTicks) => this.#deliver(data, startTicks));
    child.stdout.on('data', (chunk: Buffer) => this.#read(reader, chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    child.stdin.on('drain', () => {
      this.#behind = false;
    });
    child.stdin.on('error', () => {
      // A broken pipe: the process has ended, and its `close` event gives the reason.
    });
    child.once('close', (code, signal) => {
      this.#fail(new Error(`ffmpeg ended with ${signal ?? code}: ${this.#stderrTail.trim() || 'it said nothing'}`));
    });
  }

  #read(reader: OggOpusReader, chunk: Buffer): void {
    if (this.#closed) return;
    try {
      reader.push(chunk);
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  #deliver(data: Buffer, startTicks: number): void {
    const streamTicks = this.#closed ? undefined : this.#frameTimes.ticksAt(startTicks);
    if (streamTicks === undefined) return;
    this.#callbacks.onPacket({ data, ticks: this.#packetTimes.ticksOf(streamTicks) });
  }

  /** Messages of the decoder are about a frame that it skips; all others explain why ffmpeg ends. */
  #hear(text: string): void {
    const complaint = text.split('\n').find((line) => /^\[\S*aac/.test(line));
    if (complaint) this.#unreadable(complaint);
    this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_CHARS);
  }

  #unreadable(detail: string): void {
    if (!this.#complained) this.#log.warn('sound.unreadable', { detail });
    this.#complained = true;
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    this.close();
    this.#callbacks.onFailure(error);
  }
}
