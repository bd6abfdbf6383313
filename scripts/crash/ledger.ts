/** What clients were told: the state that the emulator has acknowledged, and what was on the way when it was killed. */

/** What a key holds; undefined: nothing. */
export type Content =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly tags?: Readonly<Record<string, string>> }
  | { readonly kind: 'symlink'; readonly target: string }
  | undefined;

/**
 * One thing that one client changes, one change at a time. After a crash it is in the acknowledged state, or in that of the
 * change which was under way, and in no other.
 */
export class Entry<State> {
  #settled: State;
  #attempted: { readonly state: State } | undefined;

  constructor(initial: State) {
    this.#settled = initial;
  }

  get settled(): State {
    return this.#settled;
  }

  /** The states that are right. */
  get allowed(): readonly State[] {
    return this.#attempted ? [this.#settled, this.#attempted.state] : [this.#settled];
  }

  /** Carries out a change; the state counts as acknowledged when it resolves. */
  async change<Result>(state: State, act: () => Promise<Result>): Promise<Result> {
    this.#attempted = { state };
    const result = await act();
    this.settle(state);
    return result;
  }

  /** What was found after a crash is what the next change begins with. */
  settle(state: State): void {
    this.#settled = state;
    this.#attempted = undefined;
  }
}

export interface Version {
  readonly versionId: string;
  /** Undefined: a delete marker. */
  readonly md5: string | undefined;
}

/** Of one key in a bucket with versioning. */
export interface VersionedKey {
  readonly key: string;
  /** The newest first. */
  versions: readonly Version[];
  attempted: { readonly add: string | undefined } | { readonly remove: string } | undefined;
}

export interface Upload {
  readonly key: string;
  readonly uploadId: string;
  readonly parts: Map<number, Buffer>;
  /** `open` is acknowledged to exist; the others are under way, so that it may exist or not. */
  state: 'open' | 'completing' | 'aborting';
}

export interface Channel {
  readonly name: string;
  readonly exists: Entry<boolean>;
  readonly status: Entry<'enabled' | 'disabled'>;
  /** Keys that the events told of since the channel was last made. */
  readonly told: Set<string>;
  /** The text of the live playlist, as it was loaded one time after the other. */
  readonly loads: string[];
  /** The playlist of a deleted channel of the same name. It stays until the new one has a fragment, and is no load of it. */
  leftBehind: string;
}

/** Everything that one load knows about its folder; outlasts the kills. */
export class Ledger {
  readonly objects = new Map<string, Entry<Content>>();
  readonly versioned = new Map<string, VersionedKey>();
  readonly uploads = new Map<string, Upload>();
  readonly channels = new Map<string, Channel>();
  /** Manifests of streams: RecordId and key of the object. */
  readonly records = new Map<string, string>();
  /** Whether what a new folder needs was made. */
  isPrepared = false;

  object(path: string): Entry<Content> {
    return remembered(this.objects, path, () => new Entry<Content>(undefined));
  }

  versionedKey(key: string): VersionedKey {
    return remembered(this.versioned, key, () => ({ key, versions: [], attempted: undefined }));
  }

  channel(name: string): Channel {
    return remembered(this.channels, name, () => ({
      name,
      exists: new Entry(false),
      status: new Entry<'enabled' | 'disabled'>('enabled'),
      told: new Set<string>(),
      loads: [],
      leftBehind: '',
    }));
  }
}

function remembered<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
