import { readFileSync } from 'node:fs';
import { plainAddress } from './socket-addresses.ts';

/** Which bound a connection would exceed: that of all connections, or that of those from its address. */
export type ExceededBound = 'all' | 'address';

export interface ConnectionLimits {
  readonly all: number;
  readonly perAddress: number;
}

/** Files that are open besides the connections: those of the process, of the store, and of fragments. */
const OTHER_FILES = 64;
const SHARE_OF_FILES = 3 / 4;
const LEAST_CONNECTIONS = 8;

/**
 * A connection is an open file: without a bound below that of the system, connections would take what recording needs.
 *
 * @param openFiles the most files that the process may have open; undefined when the system names no limit
 */
export function withinFileLimit({ all, perAddress }: ConnectionLimits, openFiles = openFileLimit()): ConnectionLimits {
  const possible = Math.floor(Math.min(openFiles * SHARE_OF_FILES, openFiles - OTHER_FILES));
  const bounded = Math.min(all, Math.max(LEAST_CONNECTIONS, possible));
  return { all: bounded, perAddress: Math.min(perAddress, bounded) };
}

/** Only Linux tells it to a process. Elsewhere Node raises it to the most that the system allows. */
function openFileLimit(): number {
  if (process.platform !== 'linux') return Number.POSITIVE_INFINITY;
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    // Without /proc there is nothing to read it from.
    return Number.POSITIVE_INFINITY;
  }
}

/** Counts the open connections, in all and by remote address. */
export class ConnectionBounds {
  readonly #limits: ConnectionLimits;
  readonly #openOf = new Map<string, number>();
  #open = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get open(): number {
    return this.#open;
  }

  /**
   * Counts a connection, unless it exceeds a bound: then it is not counted, and the bound is returned.
   *
   * @param address undefined while it is not known; see `identify`
   */
  add(address: string | undefined): ExceededBound | undefined {
    if (this.#open >= this.#limits.all) return 'all';
    if (address !== undefined && !this.identify(address)) return 'address';
    this.#open += 1;
    return undefined;
  }

  /** Counts a connection as one from its address, or returns false when that exceeds the bound of the address. */
  identify(address: string): boolean {
    const plain = plainAddress(address);
    const openOfAddress = this.#openOf.get(plain) ?? 0;
    if (openOfAddress >= this.#limits.perAddress) return false;
    this.#openOf.set(plain, openOfAddress + 1);
    return true;
  }

  /** A connection that was counted has ended. */
  remove(address: string | undefined): void {
    this.#open -= 1;
    if (address === undefined) return;
    const plain = plainAddress(address);
    const left = (this.#openOf.get(plain) ?? 0) - 1;
    if (left > 0) this.#openOf.set(plain, left);
    else this.#openOf.delete(plain);
  }
}
