import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Channel, ChannelAddress, ControlApi } from '../control-api.ts';
import { type RateSample, withSample } from './rates.ts';

const POLL_MS = 1_000;

/** Every channel as it is now, and how fast the live ones run. */
export class Channels {
  readonly #api: ControlApi;
  readonly #clock: Clock;
  readonly #all = signal<readonly Channel[] | undefined>(undefined);
  readonly #rates = signal<ReadonlyMap<string, readonly RateSample[]>>(new Map());
  #next: Timer | undefined;
  #stopped = false;

  constructor(api: ControlApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** Undefined until the emulator was asked. */
  get all(): ReadonlySignal<readonly Channel[] | undefined> {
    return this.#all;
  }

  ratesOf(address: ChannelAddress): readonly RateSample[] {
    return this.#rates.value.get(keyOf(address)) ?? [];
  }

  find({ bucket, channel }: ChannelAddress): Channel | undefined {
    return this.#all.value?.find((candidate) => candidate.bucket === bucket && candidate.name === channel);
  }

  /** Goes on asking; whether the emulator is there at all is told by the journal's connection. */
  async poll(): Promise<void> {
    this.#next?.cancel();
    try {
      await this.refresh();
    } finally {
      if (!this.#stopped) {
        this.#next = this.#clock.setTimeout(() => {
          this.poll().catch(() => {});
        }, POLL_MS);
      }
    }
  }

  async refresh(): Promise<void> {
    const { channels } = await this.#api.channels();
    const atMs = this.#clock.now();
    const before = this.#rates.value;
    this.#rates.value = new Map(
      channels.flatMap(({ bucket, name, live }) => {
        const key = keyOf({ bucket, channel: name });
        return live ? [[key, withSample(before.get(key) ?? [], live, atMs)]] : [];
      }),
    );
    this.#all.value = channels;
  }

  stop(): void {
    this.#stopped = true;
    this.#next?.cancel();
  }
}

function keyOf({ bucket, channel }: ChannelAddress): string {
  return `${bucket}/${channel}`;
}
