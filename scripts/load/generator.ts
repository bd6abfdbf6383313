import { setTimeout as delay } from 'node:timers/promises';
import { errorText } from '../../src/base/error-text.ts';
import { parseRtmpUrl } from '../../src/rtmp/url.ts';
import { LoadPublisher, type PushCounts } from './publisher.ts';
import type { Replay } from './replay.ts';

export interface LoadOptions {
  /** Where to push to; `{n}` stands for the number of the publisher, from 0 on. */
  readonly url: string;
  readonly publishers: number;
  /** From all connected to the end. */
  readonly seconds: number;
  /** The publishers connect one after the other over this time. */
  readonly rampSec: number;
  /** A lost or killed publisher connects again after this time, a refused one too. Undefined: it does not. */
  readonly reconnectSec: number | undefined;
  /** At this interval the connection of the next publisher is reset. */
  readonly killEverySec: number | undefined;
  readonly chunkSizeBytes: number;
}

export interface LoadReport {
  readonly publishers: number;
  readonly seconds: number;
  readonly acceptMs: readonly number[];
  readonly sentBytes: number;
  readonly droppedBytes: number;
  readonly killed: number;
  /** Connections that ended without being ended here. */
  readonly lost: number;
  /** Why publishers were not accepted: what the server said, or how the connection ended. */
  readonly refused: readonly string[];
  readonly reconnected: number;
  /** CPU time of this process while all publishers were connected. */
  readonly ownCpuMs: number;
  /** The longest time meanwhile for which it did not send what was due, because the machine did something else. */
  readonly ownLateMs: number;
}

/** A quarter of the publishers sends in each quarter of a tick, because real encoders do not send at the same time. */
const PHASES = 4;
/** A server that does not answer is given up. */
const ACCEPT_TIMEOUT_MS = 30_000;

/** Pushes one clip over many connections from one thread. */
export class LoadGenerator {
  readonly #options: LoadOptions;
  readonly #replay: Replay;
  readonly #live: (LoadPublisher | undefined)[] = [];
  readonly #acceptMs: number[] = [];
  readonly #refused: string[] = [];
  readonly #ended: PushCounts = { sentBytes: 0, droppedBytes: 0 };
  readonly #returning = new Set<Promise<void>>();
  #killed = 0;
  #lost = 0;
  #reconnected = 0;
  #stopping = false;
  #lateMs = 0;

  /** @throws RangeError when the URL is not an RTMP URL */
  constructor(options: LoadOptions, replay: Replay) {
    parseRtmpUrl(options.url);
    this.#options = options;
    this.#replay = replay;
  }

  /** @param onProgress called when the first publisher was accepted, and when all have connected and the time begins */
  async run(onProgress: (event: 'accepted' | 'connected') => void = () => {}): Promise<LoadReport> {
    const { publishers, seconds, rampSec, killEverySec } = this.#options;
    const stopTicking = this.#startTicking();
    const connecting: Promise<void>[] = [];
    for (let n = 0; n < publishers; n++) {
      connecting.push(this.#connect(n));
      if (n === 0) void connecting[0]?.then(() => onProgress('accepted'));
      await delay((rampSec * 1000) / publishers);
    }
    await Promise.all(connecting);
    onProgress('connected');
    this.#lateMs = 0;
    const cpuBefore = process.cpuUsage();
    const kills = killEverySec === undefined ? undefined : setInterval(() => this.#killNext(), killEverySec * 1000);
    await delay(seconds * 1000);
    const { user, system } = process.cpuUsage(cpuBefore);
    const ownLateMs = this.#lateMs;
    clearInterval(kills);
    this.#stopping = true;
    await Promise.all(this.#returning);
    stopTicking();
    const sent = this.#totals();
    await Promise.all(this.#live.map((publisher) => publisher?.stop()));
    return {
      publishers,
      seconds,
      ...sent,
      acceptMs: this.#acceptMs,
      refused: this.#refused,
      killed: this.#killed,
      lost: this.#lost,
      reconnected: this.#reconnected,
      ownCpuMs: (user + system) / 1000,
      ownLateMs,
    };
  }

  #startTicking(): () => void {
    const phaseMs = this.#replay.tickMs / PHASES;
    let phase = 0;
    let latestMs = performance.now();
    const timer = setInterval(() => {
      const nowMs = performance.now();
      this.#lateMs = Math.max(this.#lateMs, nowMs - latestMs - phaseMs);
      latestMs = nowMs;
      for (let n = phase; n < this.#live.length; n += PHASES) this.#live[n]?.sendDue(nowMs);
      phase = (phase + 1) % PHASES;
    }, phaseMs);
    return () => clearInterval(timer);
  }

  async #connect(n: number): Promise<void> {
    const { chunkSizeBytes } = this.#options;
    const url = this.#options.url.replaceAll('{n}', String(n));
    const connecting = new AbortController();
    const patience = setTimeout(() => connecting.abort(), ACCEPT_TIMEOUT_MS);
    try {
      const publisher = await LoadPublisher.start(url, this.#replay, chunkSizeBytes, connecting.signal);
      this.#acceptMs.push(publisher.acceptMs);
      this.#live[n] = publisher;
      void publisher.closed.then(() => this.#onClosed(n, publisher));
    } catch (error) {
      // A bug.
      if (error instanceof RangeError || error instanceof TypeError) throw error;
      this.#refused.push(errorText(error));
      this.#comeBack(n);
    } finally {
      clearTimeout(patience);
    }
  }

  #onClosed(n: number, publisher: LoadPublisher): void {
    if (this.#stopping || this.#live[n] !== publisher) return;
    this.#lost++;
    this.#forget(n, publisher);
  }

  #killNext(): void {
    const n = this.#killed % this.#options.publishers;
    const publisher = this.#live[n];
    this.#killed++;
    if (!publisher) return;
    this.#forget(n, publisher);
    publisher.kill();
  }

  #forget(n: number, publisher: LoadPublisher): void {
    this.#live[n] = undefined;
    this.#ended.sentBytes += publisher.counts.sentBytes;
    this.#ended.droppedBytes += publisher.counts.droppedBytes;
    this.#comeBack(n);
  }

  #comeBack(n: number): void {
    const { reconnectSec } = this.#options;
    if (reconnectSec === undefined || this.#stopping) return;
    const returning = delay(reconnectSec * 1000).then(async () => {
      this.#returning.delete(returning);
      if (this.#stopping) return;
      await this.#connect(n);
      this.#reconnected++;
    });
    this.#returning.add(returning);
  }

  #totals(): PushCounts {
    const total = { ...this.#ended };
    for (const publisher of this.#live) {
      total.sentBytes += publisher?.counts.sentBytes ?? 0;
      total.droppedBytes += publisher?.counts.droppedBytes ?? 0;
    }
    return total;
  }
}
