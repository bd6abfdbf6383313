import type { MediaStat, MediaTotals } from '../../media/stat.ts';

/**
 * Who publishes to a source or changes it: of all nodes that share the metadata, one at a time. The holder of a lease
 * renews it; one that has stopped cannot, and its lease ends by itself. Each lease of a source has a higher number than the
 * one before it. What is written under a lease is checked with its fence, so that nobody writes who lost it.
 */

export interface LeaseRequest {
  /** `sourceId`, or another name of what only one may do. */
  readonly source: string;
  /** What it is for, by a unique id: the push. */
  readonly sessionId: string;
  /** For whoever asks what it is for on another node. */
  readonly push?: LeasedPush;
}

export interface LeasedPush {
  readonly startedMs: number;
  /** `ip:port` of the publisher. */
  readonly remoteAddr: string;
  /** Of a stream: `ip:port` it was accepted on. */
  readonly localAddr?: string;
  /** Of a stream: the host it was pushed to. */
  readonly publishDomain?: string;
}

/** Identifies a lease to the store of the metadata, which checks in the transaction that writes whether it is held. */
export interface Fence {
  readonly source: string;
  /** Id of the node. */
  readonly owner: string;
  readonly number: number;
}

export interface Lease {
  /** Higher than that of every lease of the source before it. */
  readonly number: number;
  /** Undefined when nobody but this process writes, so that there is nothing to check. */
  readonly fence: Fence | undefined;
  /** The one before it was not released: its node has stopped, and what it began has no end yet. */
  readonly isTakeover: boolean;
  /** Whether this node may use it; asks nobody. */
  isHeld(): boolean;
  /** Never rejects: a lease that cannot be released ends by itself. */
  release(): Promise<void>;
}

export interface Holder {
  readonly source: string;
  readonly sessionId: string;
  /** Id of the node. */
  readonly owner: string;
  /** Its name. */
  readonly node: string;
  readonly number: number;
  /** By the clock of the store. */
  readonly expiresMs: number;
  /** Until it ends if it is not renewed; infinite where leases end with the process only. */
  readonly leftMs: number;
  readonly push: LeasedPush | undefined;
  /** As of the latest renewal; undefined before the first. */
  readonly state: LeasedState | undefined;
}

/** What a node tells the others of something that it has a lease for. */
export interface LeasedState {
  readonly stat?: MediaStat;
  readonly totals?: MediaTotals;
  /** Of a room. */
  readonly users?: readonly LeasedUser[];
  /** Of the reset of all nodes. */
  readonly reset?: ResetState;
}

/** How far a reset of all nodes is, as the node tells that makes it. */
export interface ResetState {
  /** Every node ends its pushes; then the rows are deleted; then every node forgets what it knows of them. */
  readonly step: 'ending' | 'emptying' | 'emptied';
  /** Only this one is reset. */
  readonly bucket?: string;
}

/** The name of the lease of whoever resets all nodes. */
export const RESET_LEASE = 'reset';

export interface LeasedUser {
  readonly userId: string;
  /** Empty for a viewer. */
  readonly displayName: string;
  readonly role: 'publisher' | 'viewer';
  readonly joinedMs: number;
  readonly sessionId: string;
  /** `ip:port`. */
  readonly remoteAddr: string;
}

/** Another node wants the holder of a lease to end its push. */
export interface EndRequest {
  /** Both are sent to the publisher. */
  readonly code: string;
  readonly description: string;
  /** Of a room: the only user who is meant. */
  readonly userId?: string;
}

/**
 * A part of this node that has leases. Each such part is asked about all leases of the node, and knows nothing of those of the
 * others.
 */
export interface LeaseHolder {
  stateOf(source: string): LeasedState | undefined;
  /** The lease is not held any longer; it was not released. */
  lose(source: string, reason: string): void;
  end(source: string, request: EndRequest): void;
  /** At each renewal, for each source that is a channel: another node may have set its status. */
  noteStatus?(source: string, status: string): void;
}

export type Acquired =
  | { readonly lease: Lease; readonly holder?: undefined }
  | { readonly lease?: undefined; readonly holder: Holder };

/** What a node learns of all that share the metadata, with each renewal. */
export interface Seen {
  /** The latest reset; undefined before the first. */
  readonly reset: SeenReset | undefined;
  /** Name of the latest change of the tables, if a node of a newer version has made it. */
  readonly newerSchema: string | undefined;
}

export interface SeenReset {
  /** Id of the node that makes it; null when it has ended. */
  readonly owner: string | null;
  /** Of its lease: it grows with each reset. */
  readonly number: number;
  readonly isGoingOn: boolean;
  /** Undefined until it is told. */
  readonly state: ResetState | undefined;
}

/** Where other nodes reach a node. */
export interface NodeAddress {
  /** `http://host:port`. */
  readonly url: string;
  /** Another one at every start. Who has it has read it in the store, so it is a node. */
  readonly key: string;
}

/** A process that shares the metadata. */
export interface NodeView {
  /** Differs at each start. */
  readonly id: string;
  readonly name: string;
  /** How long ago it last renewed its leases. */
  readonly ageMs: number;
  /** What it said last with `acknowledge`. */
  readonly acknowledged?: string | null | undefined;
  /** Undefined: others do not reach it. */
  readonly address?: NodeAddress | undefined;
}

export interface Leases {
  /** Id of this node. */
  readonly owner: string;
  /** Whether there may be other nodes. */
  readonly isShared: boolean;
  /** The others see this node from now on; called again when it has an address. */
  announce(address?: NodeAddress): Promise<void>;
  /** Before the first lease. */
  attach(holder: LeaseHolder): void;
  /** Called after each renewal. */
  onSeen(listener: (seen: Seen) => void): void;
  /** Tells the others what this node has done; they find it in the list of nodes. */
  acknowledge(text: string): Promise<void>;
  acquire(request: LeaseRequest): Promise<Acquired>;
  /** Asks the node that has a lease to end its push; it does so with its next renewal. */
  ask(holder: Holder, request: EndRequest): Promise<void>;
  /** Extends all leases of this node in one step. Those that it does not hold any longer are lost. */
  renewAll(): Promise<void>;
  holder(source: string): Promise<Holder | undefined>;
  /** All that are held, by any node, or those of sources that begin with one of these texts. */
  held(beginnings?: readonly string[]): Promise<readonly Holder[]>;
  /**
   * Waits while the lease runs without being renewed, which is the case after its node has stopped. Resolves to true when
   * it has ended, to false as soon as it is found to be renewed, at once for a push of this node.
   */
  outlive(holder: Holder): Promise<boolean>;
  /** Those that were there in the last minutes, by name. */
  nodes(): Promise<readonly NodeView[]>;
  /** Those that can hold leases now. */
  presentNodes(): Promise<readonly NodeView[]>;
  close(): Promise<void>;
}
