/** The muxer as a child process: ffmpeg reads FLV on its standard input and writes MPEG-TS on its standard output. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Clock, Timer } from '../../base/clock.ts';
import { parameterSetInserter, withoutDebris } from '../../media/access-units.ts';
import { AudioTimes } from '../../media/audio-times.ts';
import { parseAvcConfig } from '../../media/codecs/avc.ts';
import { flvFrameTag, flvHeader } from '../../media/flv/writer.ts';
import type { Frame, Program, TsOutput } from '../../media/frame.ts';
import { TICKS_PER_MS } from '../../media/mpeg-ts/packets.ts';
import { PID_PMT, PID_VIDEO } from '../../media/mpeg-ts/psi.ts';
import { TsReader } from '../../media/mpeg-ts/reader.ts';
import type { Muxer, MuxerEvents, MuxerFactory } from './segmenter.ts';

export interface FfmpegMuxerOptions {
  /** The program to run, as `findFfmpeg` found it. */
  readonly path: string;
  readonly clock: Clock;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Frames are collected for this time: one write instead of twelve halves the CPU time, in both processes. */
const GATHER_MS = 200;
/** Collected data of this size is written at once. */
const MAX_GATHERED_BYTES = 256 * 1024;
/** Limit of the data not written to the pipe yet, after which the source must pause: four seconds at 2 Mbit/s. */
const MAX_QUEUED_BYTES = 1024 * 1024;
const STDERR_TAIL_CHARS = 2000;

export function ffmpegMuxer(options: FfmpegMuxerOptions): MuxerFactory {
  return (program, output, events) => new FfmpegMuxer(options, program, output, events);
}

/**
 * - `-analyzeduration` and `-max_interleave_delta`, in microseconds: an announced track without data delays the
 *   others by one second, not by the defaults of five and ten.
 * - `-copyts -muxdelay 0 -muxpreload 0 -avoid_negative_ts disabled`: output time stamps are those of the input plus
 *   `-output_ts_offset`, also when they are negative.
 * - `-copyinkf`: a part of a program need not begin with a key frame.
 * - `-pcr_period 1`: a clock reference with every picture, as the muxer in process writes it.
 * - `-pes_payload_size 0`: one audio frame per PES packet, so that each keeps its own time.
 */
function ffmpegArguments(originMs: number): string[] {
  return [
    ['-hide_banner', '-nostdin', '-loglevel', 'error'],
    ['-analyzeduration', '1000000', '-f', 'flv', '-i', 'pipe:0'],
    ['-map', '0:v:0', '-map', '0:a:0?', '-c', 'copy', '-copyinkf', '-max_interleave_delta', '1000000'],
    ['-copyts', '-muxdelay', '0', '-muxpreload', '0', '-avoid_negative_ts', 'disabled'],
    ['-pes_payload_size', '0', '-pcr_period', '1', '-output_ts_offset', `${originMs}ms`],
    ['-mpegts_start_pid', String(PID_VIDEO), '-mpegts_pmt_start_pid', String(PID_PMT)],
    ['-f', 'mpegts', 'pipe:1'],
  ].flat();
}

/** @throws Error when there are no file descriptors left */
function start(path: string, args: readonly string[]): Child {
  // Its own process group: Ctrl-C in the terminal must not end it, because it still has to finish a fragment.
  const child = spawn(path, args, { detached: true, windowsHide: true });
  if (child.stdin) return child;
  // Unlike its type says, a child has no pipes when there are no file descriptors left. Its `error` adds nothing.
  child.once('error', () => {});
  throw new Error('ffmpeg cannot be started: too many open files');
}

class FfmpegMuxer implements Muxer {
  readonly #clock: Clock;
  readonly #events: MuxerEvents;
  readonly #originMs: number;
  readonly #lengthSizeBytes: number;
  readonly #withParameterSets: (data: Buffer) => Buffer;
  readonly #child: Child;
  readonly #audioTimes: AudioTimes;
  readonly #closed: Promise<void>;
  #stderrTail = '';
  /** Tags that wait for the timer; the first is the file header. */
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #gatherTimer: Timer | undefined;
  #blocked = false;
  #state: 'running' | 'ending' | 'closed' = 'running';

  constructor(options: FfmpegMuxerOptions, program: Program, output: TsOutput, events: MuxerEvents) {
    this.#clock = options.clock;
    this.#events = events;
    const avcConfig = parseAvcConfig(program.videoConfig);
    if (!avcConfig) throw new Error('the AVCDecoderConfigurationRecord cannot be read');
    this.#lengthSizeBytes = avcConfig.nalLengthSizeBytes;
    this.#withParameterSets = parameterSetInserter(avcConfig);
    this.#originMs = Math.round(program.startDtsMs);
    this.#child = start(options.path, ffmpegArguments(this.#originMs));
    this.#audioTimes = new AudioTimes(output);
    const reader = new TsReader(this.#audioTimes, this.#originMs * TICKS_PER_MS);
    this.#closed = this.#watch(reader);
    this.#closed.catch((error: Error) => {
      const wasRunning = this.#state === 'running';
      this.#state = 'closed';
      if (wasRunning) events.onFailure(error);
    });
    this.#gather(flvHeader(program));
  }

  write(frame: Frame): boolean {
    if (this.#state !== 'running') return true;
    const readable = this.#readable(frame);
    if (!readable) return true;
    if (frame.kind === 'audio') this.#audioTimes.remember(Math.round(frame.dtsMs) * TICKS_PER_MS);
    this.#gather(flvFrameTag(readable, this.#originMs));
    this.#blocked = this.#queuedBytes() > MAX_QUEUED_BYTES;
    return !this.#blocked;
  }

  end(): Promise<void> {
    if (this.#state === 'running') {
      this.#state = 'ending';
      this.#flush();
      this.#child.stdin.end();
    }
    return this.#closed;
  }

  destroy(): void {
    this.#state = 'closed';
    this.#gatherTimer?.cancel();
    this.#child.kill('SIGKILL');
  }

  /** The frame in a form that ffmpeg accepts; undefined when it is empty. */
  #readable(frame: Frame): Frame | undefined {
    if (frame.kind === 'audio') return frame;
    const data = withoutDebris(frame.data, this.#lengthSizeBytes);
    return data && { ...frame, data: frame.keyFrame ? this.#withParameterSets(data) : data };
  }

  /** Resolves when the process ended without error and its output was read; otherwise rejects. */
  #watch(reader: TsReader): Promise<void> {
    const { stdin, stdout, stderr } = this.#child;
    stdout.on('data', (chunk: Buffer) => {
      if (this.#state !== 'closed') reader.push(chunk);
    });
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_CHARS);
    });
    stdin.on('drain', () => this.#unblock());
    stdin.on('error', () => {
      // A broken pipe: the process has ended, and its `close` event gives the reason.
    });
    return new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        this.#gatherTimer?.cancel();
        if (this.#state === 'ending' && code === 0) {
          reader.end();
          resolve();
        } else {
          reject(new Error(`ffmpeg ended with ${signal ?? code}: ${this.#stderrTail.trim() || 'it said nothing'}`));
        }
      });
    });
  }

  #gather(tag: Buffer): void {
    this.#gathered.push(tag);
    this.#gatheredBytes += tag.length;
    if (this.#gatheredBytes >= MAX_GATHERED_BYTES) this.#flush();
    else this.#gatherTimer ??= this.#clock.setTimeout(() => this.#flush(), GATHER_MS);
  }

  #flush(): void {
    this.#gatherTimer?.cancel();
    this.#gatherTimer = undefined;
    if (this.#gathered.length > 0) this.#child.stdin.write(Buffer.concat(this.#gathered, this.#gatheredBytes));
    this.#gathered = [];
    this.#gatheredBytes = 0;
  }

  #queuedBytes(): number {
    return this.#gatheredBytes + this.#child.stdin.writableLength;
  }

  #unblock(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#events.onDrain();
  }
}
