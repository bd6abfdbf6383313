import { Broadcast, type BroadcastDeps } from './broadcast.ts';
import type { WatchableStream } from './watchable.ts';

/** A reference to a shared broadcast; the last `leave` closes it. */
export interface BroadcastShare {
  readonly broadcast: Broadcast;
  leave(): void;
}

/** One broadcast per watched stream, from its first viewer to its last. */
export class Broadcasts {
  readonly #deps: BroadcastDeps;
  readonly #shared = new Map<WatchableStream, { readonly broadcast: Broadcast; shares: number }>();

  constructor(deps: BroadcastDeps) {
    this.#deps = deps;
  }

  join(stream: WatchableStream): BroadcastShare {
    const shared = this.#shared.get(stream) ?? { broadcast: new Broadcast(stream, this.#deps), shares: 0 };
    this.#shared.set(stream, shared);
    shared.shares++;
    let left = false;
    return {
      broadcast: shared.broadcast,
      leave: () => {
        if (left) return;
        left = true;
        if (--shared.shares > 0) return;
        this.#shared.delete(stream);
        shared.broadcast.close();
      },
    };
  }
}
