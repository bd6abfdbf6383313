import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Clock } from '../../base/clock.ts';
import {
  type ChannelItem,
  type ClockState,
  type ControlApi,
  createControlApi,
  type FaultItem,
  type Info,
  type NodeItem,
} from '../api-client.ts';
import { Batches } from '../buckets/batch.ts';
import { createRest, type Rest } from '../buckets/rest.ts';
import { Contact } from '../contact.ts';
import { createLongApi, type LongApi } from '../long-api.ts';
import type { Send } from '../send.ts';
import { Journal, type JournalEvent } from './journal.ts';
import { KeptAnswer, type Question } from './kept-answer.ts';
import { LongCalls } from './long-calls.ts';
import { Notice } from './notice.ts';
import { channelsQuestion, faultsQuestion, nodesQuestion } from './questions.ts';
import type { Sampled } from './rates.ts';
import { runningTime } from './running-time.ts';

/** What every part of the page knows about the emulator, kept up to date after `start`. */
export class ConsoleState {
  readonly contact: Contact;
  readonly api: ControlApi;
  readonly rest: Rest;
  readonly longApi: LongApi;
  /** The clock of the machine on which the page is shown. */
  readonly browserClock: Clock;
  readonly journal: Journal;
  readonly notice: Notice;
  readonly longCalls = new LongCalls();
  /** Uploads and deletions. */
  readonly batches = new Batches();
  readonly info: KeptAnswer<Info>;
  readonly clock: KeptAnswer<ClockState>;
  /** The time in the emulator. */
  readonly nowMs: ReadonlySignal<number | undefined>;
  /** For what waits until there is a time: `nowMs` changes several times a second. */
  readonly isTimeKnown: ReadonlySignal<boolean>;
  readonly channels: KeptAnswer<readonly Sampled<ChannelItem>[]>;
  readonly faults: KeptAnswer<readonly FaultItem[]>;
  /** Whether the page that is shown tells of an event; the frame need not repeat it. */
  readonly isTold: Signal<((event: JournalEvent) => boolean) | undefined> = signal(undefined);
  /** A single one where the database is not shared. */
  readonly nodes: KeptAnswer<readonly NodeItem[]>;

  /** @param base of the control API, without a slash at its end */
  constructor(base: string, send: Send, browserClock: Clock) {
    const contact = new Contact(browserClock);
    const api = createControlApi(base, send, contact);
    this.contact = contact;
    this.api = api;
    this.rest = createRest(api, contact);
    this.longApi = createLongApi(base, send, contact);
    this.browserClock = browserClock;
    this.journal = new Journal(`${base}/events/stream?after=0`, { send, contact, clock: browserClock });
    this.notice = new Notice(browserClock);
    this.journal.connection.subscribe((now) => {
      if (now === 'open' || now === 'lost') this.notice.endSilence();
    });
    this.info = this.keep({ ask: () => api('info'), refreshOn: [] });
    this.clock = this.keep({ ask: () => api('clock'), refreshOn: ['clock.changed', 'emulator.reset'] });
    this.nowMs = runningTime(this.clock, browserClock);
    this.isTimeKnown = computed(() => this.nowMs.value !== undefined);
    this.channels = this.keep(channelsQuestion(api, browserClock));
    this.faults = this.keep(faultsQuestion(api));
    this.nodes = this.keep(nodesQuestion(api));
  }

  keep<Value>(question: Question<Value>): KeptAnswer<Value> {
    return new KeptAnswer(question, this);
  }

  start(): void {
    for (const answer of [this.info, this.clock, this.channels, this.faults, this.nodes]) answer.start();
  }
}
