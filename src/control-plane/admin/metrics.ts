import type { EmulatorEvent, Events } from '../../events/events.ts';
import type { Control } from '../control/control.ts';

/** One counter: what it counts, and the labels an event gives it. */
interface CounterSpec {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Undefined when the event is none of its business. */
  readonly of: (event: EmulatorEvent) => { readonly labels: readonly string[]; readonly by: number } | undefined;
}

const COUNTERS: readonly CounterSpec[] = [
  {
    name: 'oss_livechannel_requests_total',
    help: 'REST requests answered.',
    labels: ['operation', 'status', 'code'],
    of: (event) =>
      event.type === 'request.answered'
        ? { labels: [event.operation ?? '', String(event.status), event.refusal?.code ?? ''], by: 1 }
        : undefined,
  },
  {
    name: 'oss_livechannel_request_seconds_total',
    help: 'Time spent on REST requests.',
    labels: ['operation'],
    of: (event) =>
      event.type === 'request.answered' ? { labels: [event.operation ?? ''], by: event.durationMs / 1000 } : undefined,
  },
  {
    name: 'oss_livechannel_fragments_total',
    help: 'Fragments stored.',
    labels: ['bucket'],
    of: (event) => (event.type === 'fragment.stored' ? { labels: [event.bucket], by: 1 } : undefined),
  },
  {
    name: 'oss_livechannel_fragment_bytes_total',
    help: 'Bytes of the fragments stored.',
    labels: ['bucket'],
    of: (event) => (event.type === 'fragment.stored' ? { labels: [event.bucket], by: event.sizeBytes } : undefined),
  },
  {
    name: 'oss_livechannel_fragment_media_seconds_total',
    help: 'Media time of the fragments stored.',
    labels: ['bucket'],
    of: (event) =>
      event.type === 'fragment.stored' ? { labels: [event.bucket], by: event.durationMs / 1000 } : undefined,
  },
  {
    name: 'oss_livechannel_events_total',
    help: 'Events by type.',
    labels: ['type'],
    of: (event) => ({ labels: [event.type], by: 1 }),
  },
];

interface Tally {
  readonly labels: readonly string[];
  value: number;
}

/** Counts what happens from the start on. The library that writes it down is loaded when somebody asks first. */
export class Metrics {
  readonly #tallies = COUNTERS.map(() => new Map<string, Tally>());
  readonly #control: Control;
  readonly #liveSessions: () => number;

  constructor(events: Events, control: Control, liveSessions: () => number) {
    this.#control = control;
    this.#liveSessions = liveSessions;
    events.subscribe((event) => {
      for (const [index, { of }] of COUNTERS.entries()) this.#add(index, of(event));
    });
  }

  /** In the text format of Prometheus. */
  async render(): Promise<{ readonly contentType: string; readonly text: string }> {
    const { Counter, Gauge, Registry } = await import('prom-client');
    const registry = new Registry();
    const registers = [registry];
    for (const [index, { name, help, labels }] of COUNTERS.entries()) {
      const counter = new Counter({ name, help, labelNames: [...labels], registers });
      for (const tally of this.#tallies[index]?.values() ?? []) counter.inc(zip(labels, tally.labels), tally.value);
    }
    const live = new Gauge({ name: 'oss_livechannel_live_sessions', help: 'Pushes going on.', registers });
    live.set(this.#liveSessions());
    await this.#addBuckets(
      new Gauge({ name: 'oss_livechannel_bucket_objects', help: 'Objects stored.', labelNames: ['bucket'], registers }),
      new Gauge({ name: 'oss_livechannel_bucket_bytes', help: 'Bytes stored.', labelNames: ['bucket'], registers }),
    );
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  async #addBuckets(objects: LabeledGauge, bytes: LabeledGauge): Promise<void> {
    for (const { name, objectCount, storageBytes } of await this.#control.usage()) {
      objects.set({ bucket: name }, objectCount);
      bytes.set({ bucket: name }, storageBytes);
    }
  }

  #add(index: number, count: ReturnType<CounterSpec['of']>): void {
    const tallies = this.#tallies[index];
    if (!count || !tallies) return;
    const key = count.labels.join('\0');
    const tally = tallies.get(key);
    if (tally) tally.value += count.by;
    else tallies.set(key, { labels: count.labels, value: count.by });
  }
}

interface LabeledGauge {
  set(labels: { readonly bucket: string }, value: number): void;
}

function zip(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
