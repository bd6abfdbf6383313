/**
 * Finds the connections whose client keeps the server waiting. Node's own timeouts run only in a server that listens
 * itself, and its limit on the whole of a request would cut a large upload over a slow link: here every part of the wait
 * has to get on, however long it takes in all. One timer looks at all connections, so a request costs nothing.
 */
import type { Clock, Timer } from '../base/clock.ts';

/** What a client has to do: send the rest of a request head, or of a body, or read the answer. */
export type AwaitedPart = 'head' | 'body' | 'answer';

/** What the server waits for on a connection, at one moment. */
export interface AwaitedProgress {
  readonly part: AwaitedPart;
  /** Of which request of the connection. */
  readonly request: number;
  /** How much of it has passed so far, counted from any moment on. */
  readonly bytes: number;
}

export interface WatchedConnection {
  /** Undefined while the server is at work, or nothing has been asked of it. */
  awaited(): AwaitedProgress | undefined;
}

export interface SlowClientsOptions<Connection extends WatchedConnection> {
  /** Real time. */
  readonly clock: Clock;
  /** Called at every look, until the connection is gone. */
  readonly onSlow: (connection: Connection, part: AwaitedPart) => void;
}

/** How often all connections are looked at. */
const LOOK_MS = 5_000;
/** Within this time enough has to pass. nginx waits as long for a head (client_header_timeout) and for a reader. */
export const PATIENCE_MS = 60_000;
/** As in ASP.NET's Kestrel (MinRequestBodyDataRate, MinResponseDataRate), of which a modem is capable. */
const LEAST_BYTES_PER_SEC = 240;
const ENOUGH_BYTES: Readonly<Record<AwaitedPart, number>> = {
  // A head has to be whole: its bytes do not count.
  head: Number.POSITIVE_INFINITY,
  body: (LEAST_BYTES_PER_SEC * PATIENCE_MS) / 1000,
  answer: (LEAST_BYTES_PER_SEC * PATIENCE_MS) / 1000,
};

/** A wait as it was when it began, or when enough of it had passed. */
interface Wait {
  readonly sinceMs: number;
  readonly awaited: AwaitedProgress;
}

/** Looks at the connections that were added, until they are removed. */
export class SlowClients<Connection extends WatchedConnection> {
  readonly #options: SlowClientsOptions<Connection>;
  readonly #waits = new Map<Connection, Wait | undefined>();
  #timer: Timer | undefined;

  constructor(options: SlowClientsOptions<Connection>) {
    this.#options = options;
  }

  add(connection: Connection): void {
    this.#waits.set(connection, undefined);
    if (!this.#timer) this.#schedule();
  }

  remove(connection: Connection): void {
    this.#waits.delete(connection);
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#look();
      if (this.#waits.size > 0) this.#schedule();
    }, LOOK_MS);
  }

  #look(): void {
    const nowMs = this.#options.clock.elapsed();
    for (const [connection, wait] of this.#waits) {
      const awaited = connection.awaited();
      const goesOn = awaited !== undefined && wait !== undefined && isSame(wait.awaited, awaited);
      if (!goesOn) this.#waits.set(connection, awaited && { sinceMs: nowMs, awaited });
      else if (nowMs - wait.sinceMs >= PATIENCE_MS) this.#options.onSlow(connection, awaited.part);
    }
  }
}

/** Whether it is still the same wait: too little has passed to begin a new one. */
function isSame(before: AwaitedProgress, now: AwaitedProgress): boolean {
  if (before.part !== now.part || before.request !== now.request) return false;
  return now.bytes - before.bytes < ENOUGH_BYTES[now.part];
}
