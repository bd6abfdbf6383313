import { randomBytes } from 'node:crypto';
import { type Clock, startStopwatch, type Timer } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import { wait } from '../../base/wait.ts';
import { logFailure } from '../machine-fault.ts';
import type {
  Acquired,
  EndRequest,
  Fence,
  Holder,
  Lease,
  LeaseHolder,
  LeaseRequest,
  Leases,
  NodeAddress,
  NodeView,
  Seen,
} from './leases.ts';
import {
  acknowledge,
  acquireLease,
  announceNode,
  askHolder,
  forgetNodes,
  heldLeases,
  type LeaseDatabase,
  type RenewalResult,
  readTime,
  releaseLease,
  removeNode,
  renewLeases,
  seenNodes,
} from './postgres/lease-statements.ts';

/** How long a lease runs after it was acquired or renewed. Longer, and a source is closed longer after its node has died. */
export const LEASE_MS = 10_000;

/** Of a lease: a renewal in each third leaves room for two that fail. */
const RENEWALS_PER_LEASE = 3.3;
/** A node stops using a lease before it ends, by its own monotonic clock: nothing is in doubt at the end. */
const OWN_PART = 0.8;
/** After a renewal that failed, or left one out. */
const RETRIES_PER_LEASE = 20;
/** A slower answer says little about the time of the database; it counts only as long as there is no other. */
const MAX_ROUND_TRIP_MS = 100;
/** How often the holder of a lease is looked at by those who wait for its end. */
const LOOKS_PER_LEASE = 40;
/** Nodes that were seen within this time are listed. */
const LISTED_MS = 10 * 60_000;
const FORGOTTEN_MS = 24 * 3_600_000;

export interface PostgresLeasesOptions {
  readonly db: LeaseDatabase;
  /** Real time: it measures how long the lease has run already. */
  readonly clock: Clock;
  readonly log: Log;
  readonly name: string;
  /** Shorter in tests. */
  readonly leaseMs?: number;
  /** The clock of the database is ahead of the one of this machine by so much. */
  readonly onOffset?: (aheadMs: number) => void;
}

interface Held extends Fence {
  /** By the monotonic clock: from then on it is not used. */
  deadlineMs: number;
}

/**
 * The leases of one node among several, as rows in PostgreSQL. Begun by `start`; until then nothing is renewed.
 */
export class PostgresLeases implements Leases {
  readonly owner: string;
  readonly isShared = true;
  readonly #options: PostgresLeasesOptions;
  readonly #leaseMs: number;
  readonly #held = new Map<string, Held>();
  readonly #holders: LeaseHolder[] = [];
  readonly #listeners: ((seen: Seen) => void)[] = [];
  readonly #ending = new AbortController();
  /** Ids of requests that the store still has. */
  readonly #handled = new Set<number>();
  #address: NodeAddress | undefined;
  #hasOffset = false;
  #renewal: Timer | undefined;
  #renewing: Promise<RenewalResult> | undefined;
  #deadline: Timer | undefined;

  constructor(options: PostgresLeasesOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
    // Another one at every start: a node must not take over what it has held before it was restarted, or stopped.
    this.owner = `${options.name}#${randomBytes(6).toString('hex')}`;
  }

  /**
   * Reads the time of the database.
   * @throws DatabaseFault
   */
  async readTime(): Promise<void> {
    const { db, clock } = this.#options;
    const passedMs = startStopwatch(clock);
    const nowMs = await readTime(db);
    this.#measureOffset(nowMs, passedMs());
  }

  /** @throws DatabaseFault */
  async announce(address?: NodeAddress): Promise<void> {
    const { db } = this.#options;
    this.#address = address;
    await announceNode(db, this.#node);
    await forgetNodes(db, FORGOTTEN_MS);
  }

  /** Renews from now on. */
  start(): void {
    this.#renewLater(this.#leaseMs / RENEWALS_PER_LEASE);
  }

  async acquire(request: LeaseRequest): Promise<Acquired> {
    const { db, clock } = this.#options;
    const { source } = request;
    for (;;) {
      const beginMs = clock.elapsed();
      const row = await acquireLease(db, { ...request, owner: this.owner, leaseMs: this.#leaseMs });
      if (row) {
        this.#measureOffset(row.nowMs, clock.elapsed() - beginMs);
        const fence = { source, owner: this.owner, number: row.number };
        this.#held.set(source, { ...fence, deadlineMs: this.#deadlineAfter(beginMs) });
        this.#watchDeadlines();
        return { lease: this.#leaseOf(fence, row.isTakeover) };
      }
      const holder = await this.holder(source);
      if (holder) return { holder };
      // It was released, or has ended, between the two statements.
    }
  }

  attach(holder: LeaseHolder): void {
    this.#holders.push(holder);
  }

  onSeen(listener: (seen: Seen) => void): void {
    this.#listeners.push(listener);
  }

  acknowledge(text: string): Promise<void> {
    return acknowledge(this.#options.db, this.owner, text);
  }

  ask(holder: Holder, request: EndRequest): Promise<void> {
    return askHolder(this.#options.db, holder, request);
  }

  async renewAll(): Promise<void> {
    await this.#renewOnce();
  }

  async holder(source: string): Promise<Holder | undefined> {
    const [holder] = await heldLeases(this.#options.db, { source });
    return holder;
  }

  held(beginnings?: readonly string[]): Promise<readonly Holder[]> {
    return heldLeases(this.#options.db, { beginnings });
  }

  async outlive(holder: Holder): Promise<boolean> {
    const { clock } = this.#options;
    const { signal } = this.#ending;
    if (holder.push && this.#held.get(holder.source)?.number === holder.number) return false;
    while (!signal.aborted) {
      await wait(clock, this.#leaseMs / LOOKS_PER_LEASE, signal);
      const present = await this.holder(holder.source);
      if (!present || present.number !== holder.number) return true;
      if (present.expiresMs > holder.expiresMs) return false;
    }
    return false;
  }

  nodes(): Promise<readonly NodeView[]> {
    return seenNodes(this.#options.db, LISTED_MS);
  }

  presentNodes(): Promise<readonly NodeView[]> {
    return seenNodes(this.#options.db, this.#leaseMs);
  }

  /** Called after everything was released. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#renewal?.cancel();
    this.#deadline?.cancel();
    await this.#renewing?.catch(() => {});
    const { db, log } = this.#options;
    await removeNode(db, this.owner).catch((error) => log.warn('node.not-removed', { error: errorText(error) }));
    await db.destroy();
  }

  #leaseOf(fence: Fence, isTakeover: boolean): Lease {
    const { source, number } = fence;
    const isHeld = () => this.#held.get(source)?.number === number;
    return { number, fence, isTakeover, isHeld, release: () => this.#release(fence) };
  }

  async #release(fence: Fence): Promise<void> {
    const { source, number } = fence;
    if (this.#held.get(source)?.number === number) this.#held.delete(source);
    const { db, log } = this.#options;
    await releaseLease(db, fence).catch((error) => {
      logFailure(log, 'warn', error, 'lease.not-released', {
        source,
        error: errorText(error),
        advice: 'it ends by itself',
      });
    });
  }

  get #node() {
    return { id: this.owner, name: this.#options.name, address: this.#address };
  }

  /** One renewal at a time; whoever asks meanwhile shares it. */
  #renewOnce(): Promise<RenewalResult> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renew(): Promise<RenewalResult> {
    const { db, clock } = this.#options;
    const beginMs = clock.elapsed();
    const asked = [...this.#held.values()];
    const told = asked.map(({ source, number }) => ({ source, number, state: this.#stateOf(source) }));
    const handled = [...this.#handled];
    const result = await renewLeases(db, { node: this.#node, held: told, handled, leaseMs: this.#leaseMs });
    const { renewed, locked, seen } = result;
    for (const id of handled) this.#handled.delete(id);
    const numbers = new Map(renewed.map((row) => [row.source, row.number]));
    for (const held of asked) {
      // One that was released meanwhile, and perhaps acquired again.
      if (this.#held.get(held.source) !== held) continue;
      if (numbers.get(held.source) === held.number) held.deadlineMs = this.#deadlineAfter(beginMs);
      else if (!locked.includes(held.source)) this.#lose(held, 'the lease has ended');
    }
    this.#watchDeadlines();
    for (const { source, status, requests } of renewed) {
      for (const { id } of requests) this.#handled.add(id);
      for (const holder of this.#holders) {
        if (status !== null) holder.noteStatus?.(source, status);
        for (const { request } of requests) holder.end(source, request);
      }
    }
    for (const listener of this.#listeners) listener(seen);
    return result;
  }

  #stateOf(source: string) {
    for (const holder of this.#holders) {
      const state = holder.stateOf(source);
      if (state) return state;
    }
    return undefined;
  }

  #renewLater(delayMs: number): void {
    const { clock, log } = this.#options;
    this.#renewal = clock.setTimeout(() => {
      const next = this.#renewOnce().then(
        ({ locked }) => this.#leaseMs / (locked.length === 0 ? RENEWALS_PER_LEASE : RETRIES_PER_LEASE),
        (error) => {
          logFailure(log, 'warn', error, 'leases.not-renewed', { leases: this.#held.size, error: errorText(error) });
          return this.#leaseMs / RETRIES_PER_LEASE;
        },
      );
      next.then((nextMs) => {
        if (!this.#ending.signal.aborted) this.#renewLater(nextMs);
      });
    }, delayMs);
  }

  #deadlineAfter(beginMs: number): number {
    return beginMs + this.#leaseMs * OWN_PART;
  }

  /** Loses the leases whose time is over, and comes back when that of the next one is. Asks nobody. */
  #watchDeadlines(): void {
    this.#deadline?.cancel();
    const nowMs = this.#options.clock.elapsed();
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const held of [...this.#held.values()]) {
      if (held.deadlineMs <= nowMs) this.#lose(held, 'the lease could not be renewed in time');
      else earliestMs = Math.min(earliestMs, held.deadlineMs);
    }
    if (earliestMs === Number.POSITIVE_INFINITY) return;
    this.#deadline = this.#options.clock.setTimeout(() => this.#watchDeadlines(), earliestMs - nowMs);
  }

  #lose({ source, number }: Held, reason: string): void {
    this.#held.delete(source);
    this.#options.log.warn('lease.lost', { source, number, reason });
    for (const holder of this.#holders) holder.lose(source, reason);
  }

  #measureOffset(databaseMs: number, roundTripMs: number): void {
    const { clock, onOffset } = this.#options;
    if (this.#hasOffset && roundTripMs > MAX_ROUND_TRIP_MS) return;
    this.#hasOffset = true;
    onOffset?.(databaseMs + roundTripMs / 2 - clock.now());
  }
}
