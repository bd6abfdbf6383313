import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../../base/clock.ts';
import type { EventType } from '../../events/events.ts';
import type { ControlApi, Info } from '../control-api.ts';
import { Channels } from './channels.ts';
import { EmulatorClock } from './emulator-clock.ts';
import { FaultRules } from './fault-rules.ts';
import { Journal } from './journal.ts';
import { Notice } from './notice.ts';

/** Events after which channels are looked at again at once. */
const CHANNEL_EVENTS: readonly EventType[] = ['publish.accepted', 'publish.ended', 'emulator.reset', 'emulator.seeded'];

/** Everything the page knows of the emulator behind it, kept up to date from `start` to `stop`. */
export class Console {
  readonly api: ControlApi;
  /** Of the machine the page is looked at on. */
  readonly browserClock: Clock;
  readonly clock: EmulatorClock;
  readonly channels: Channels;
  readonly faults: FaultRules;
  readonly journal: Journal;
  readonly notice: Notice;
  readonly #info = signal<Info | undefined>(undefined);

  constructor(api: ControlApi, browserClock: Clock) {
    this.api = api;
    this.browserClock = browserClock;
    this.clock = new EmulatorClock(api, browserClock);
    this.channels = new Channels(api, browserClock);
    this.faults = new FaultRules(api);
    this.journal = new Journal(api.eventStreamUrl(0), browserClock);
    this.notice = new Notice(browserClock);
  }

  get info(): ReadonlySignal<Info | undefined> {
    return this.#info;
  }

  start(): void {
    this.journal.subscribe((types) => this.#follow(types));
    // What answers again may be another emulator, with other channels, rules and times.
    this.journal.connection.subscribe((connection) => {
      if (connection === 'open') this.notice.attempt(() => this.#readAll());
    });
    this.channels.poll().catch(() => {});
  }

  stop(): void {
    this.journal.stop();
    this.channels.stop();
    this.clock.stop();
  }

  #follow(types: ReadonlySet<EventType>): void {
    const { notice } = this;
    if (CHANNEL_EVENTS.some((type) => types.has(type))) notice.attempt(() => this.channels.refresh());
    if (types.has('clock.changed') || types.has('emulator.reset')) notice.attempt(() => this.clock.refresh());
    if (types.has('fault.fired') || types.has('emulator.reset')) notice.attempt(() => this.faults.refresh());
  }

  async #readAll(): Promise<void> {
    const before = this.#info.value;
    const info = await this.api.info();
    this.#info.value = info;
    if (before !== undefined && before.startedMs !== info.startedMs) this.journal.restart();
    await Promise.all([this.clock.refresh(), this.faults.refresh(), this.channels.refresh()]);
  }
}
