import type { EmulatorEvent, Events } from '../../events/events.ts';
import type { Control } from '../control/control.ts';

const PREFIX = 'oss_livechannel_';
/** Of a request for which no operation was found. */
const UNKNOWN = 'unknown';
/**
 * Sets of label values of one counter. Operations, codes and types of events are closed sets; buckets are not. What
 * further sets count is counted together, under this value of every label.
 */
const MAX_LABEL_SETS = 1_000;
const OTHER = 'other';

/** One counter: what it counts, and the labels an event gives it. */
interface CounterSpec {
  /** Behind `oss_livechannel_`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Undefined for an event that the counter does not count. */
  readonly of: (event: EmulatorEvent) => { readonly labels: readonly string[]; readonly by: number } | undefined;
}

type Request = Extract<EmulatorEvent, { type: 'request.answered' }>;
type Recorded = Extract<EmulatorEvent, { type: 'fragment.stored' | 'live.slice-stored' }>;

const COUNTERS: readonly CounterSpec[] = [
  ...requestCounters('request', 'oss', 'REST requests to OSS'),
  ...requestCounters('rpc_request', 'live', 'RPC requests to ApsaraVideo Live'),
  ...requestCounters('sts_request', 'sts', 'requests to STS'),
  ...recordingCounters('fragment', 'fragment.stored', 'fragments of channels'),
  ...recordingCounters('slice', 'live.slice-stored', 'slices of live recordings'),
  {
    name: 'events_total',
    help: 'Events by type.',
    labels: ['type'],
    of: (event) => ({ labels: [event.type], by: 1 }),
  },
];

function requestCounters(noun: string, api: Request['api'], what: string): readonly CounterSpec[] {
  const isCounted = (event: EmulatorEvent): event is Request => event.type === 'request.answered' && event.api === api;
  return [
    {
      name: `${noun}s_total`,
      help: `Answered ${what}.`,
      labels: ['operation', 'status', 'code'],
      of: (event) =>
        isCounted(event)
          ? { labels: [event.operation ?? UNKNOWN, String(event.status), event.refusal?.code ?? ''], by: 1 }
          : undefined,
    },
    {
      name: `${noun}_seconds_total`,
      help: `Time spent on ${what}.`,
      labels: ['operation'],
      of: (event) =>
        isCounted(event) ? { labels: [event.operation ?? UNKNOWN], by: event.durationMs / 1000 } : undefined,
    },
  ];
}

function recordingCounters(noun: string, type: Recorded['type'], what: string): readonly CounterSpec[] {
  const isCounted = (event: EmulatorEvent): event is Recorded => event.type === type;
  const counter = (name: string, help: string, amount: (event: Recorded) => number): CounterSpec => ({
    name,
    help,
    labels: ['bucket'],
    of: (event) => (isCounted(event) ? { labels: [event.bucket], by: amount(event) } : undefined),
  });
  return [
    counter(`${noun}s_total`, `Stored ${what}.`, () => 1),
    counter(`${noun}_bytes_total`, `Bytes of the stored ${what}.`, ({ sizeBytes }) => sizeBytes),
    counter(`${noun}_media_seconds_total`, `Media time of the stored ${what}.`, ({ durationMs }) => durationMs / 1000),
  ];
}

/** What goes on at the ports. The maps have numbers since the start, by cause. */
export interface Traffic {
  readonly connections: number;
  /** How long a request waits at present. */
  readonly waitMs: number;
  readonly refusedConnections: ReadonlyMap<string, number>;
  readonly timedOut: ReadonlyMap<string, number>;
  readonly refusedRequests: ReadonlyMap<string, number>;
}

export interface MetricsDeps {
  readonly events: Events;
  readonly control: Control;
  readonly countPushes: () => number;
  readonly traffic: () => Traffic;
}

interface Tally {
  readonly labels: readonly string[];
  value: number;
}

/** Counts events from the start of the emulator. The library that writes the text format is loaded at the first request. */
export class Metrics {
  readonly #tallies = COUNTERS.map(() => new Map<string, Tally>());
  readonly #deps: MetricsDeps;

  constructor(deps: MetricsDeps) {
    this.#deps = deps;
    deps.events.subscribe((event) => {
      for (const [index, { of }] of COUNTERS.entries()) this.#add(index, of(event));
    });
  }

  /** In the text format of Prometheus. */
  async render(): Promise<{ readonly contentType: string; readonly text: string }> {
    // The default: in a bundle that is all there is of a CommonJS module.
    const { default: prometheus } = await import('prom-client');
    const { Counter, Gauge, Registry } = prometheus;
    const registry = new Registry();
    const registers = [registry];
    for (const [index, { name, help, labels }] of COUNTERS.entries()) {
      const counter = new Counter({ name: PREFIX + name, help, labelNames: [...labels], registers });
      for (const tally of this.#tallies[index]?.values() ?? []) counter.inc(zip(labels, tally.labels), tally.value);
    }
    const { connections, waitMs, refusedConnections, timedOut, refusedRequests } = this.#deps.traffic();
    const byCause = (name: string, help: string, cause: string, totals: ReadonlyMap<string, number>) => {
      const counter = new Counter({ name: PREFIX + name, help, labelNames: [cause], registers });
      for (const [value, total] of totals) counter.inc({ [cause]: value }, total);
    };
    byCause('connections_refused_total', 'Connections beyond a bound.', 'bound', refusedConnections);
    byCause('connections_timed_out_total', 'Connections of clients that were too slow.', 'part', timedOut);
    byCause('requests_refused_total', 'Requests refused by overload.', 'reason', refusedRequests);
    new Gauge({ name: `${PREFIX}connections`, help: 'Connections open.', registers }).set(connections);
    const wait = new Gauge({ name: `${PREFIX}wait_seconds`, help: 'How long a request waits.', registers });
    wait.set(waitMs / 1000);
    const publishing = new Gauge({ name: `${PREFIX}live_sessions`, help: 'Pushes going on.', registers });
    publishing.set(this.#deps.countPushes());
    await this.#addBuckets(
      new Gauge({ name: `${PREFIX}bucket_objects`, help: 'Objects stored.', labelNames: ['bucket'], registers }),
      new Gauge({ name: `${PREFIX}bucket_bytes`, help: 'Bytes stored.', labelNames: ['bucket'], registers }),
    );
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  async #addBuckets(objects: LabeledGauge, bytes: LabeledGauge): Promise<void> {
    for (const { name, objectCount, storageBytes } of await this.#deps.control.usage()) {
      objects.set({ bucket: name }, objectCount);
      bytes.set({ bucket: name }, storageBytes);
    }
  }

  #add(index: number, count: ReturnType<CounterSpec['of']>): void {
    const tallies = this.#tallies[index];
    if (!count || !tallies) return;
    const known = tallies.get(count.labels.join('\0'));
    if (known) known.value += count.by;
    else if (tallies.size < MAX_LABEL_SETS) this.#begin(tallies, count.labels).value += count.by;
    else {
      const others = count.labels.map(() => OTHER);
      (tallies.get(others.join('\0')) ?? this.#begin(tallies, others)).value += count.by;
    }
  }

  #begin(tallies: Map<string, Tally>, labels: readonly string[]): Tally {
    const tally = { labels, value: 0 };
    tallies.set(labels.join('\0'), tally);
    return tally;
  }
}

interface LabeledGauge {
  set(labels: { readonly bucket: string }, value: number): void;
}

function zip(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
