import type { Clock } from '../../base/clock.ts';
import { ROOM_ID, roomOf, STREAM_ID, streamOf } from '../../base/push-source.ts';
import { heldElsewhere } from '../../storage/leases/held-elsewhere.ts';
import type { Holder, Leases } from '../../storage/leases/leases.ts';
import { type OtherNode, subjectKey, type WatchSubject } from '../../watch/directory.ts';

/**
 * So long after its push a playlist may still be asked for, besides the time in which another push may continue it. The node
 * that has it says itself when it is over.
 */
const ENDED_MS = 120_000;
const MAX_ENDED = 1_000;

interface Pushed {
  readonly subject: WatchSubject;
  readonly node: OtherNode;
}

interface Ended extends Pushed {
  /** By the monotonic clock. */
  readonly untilMs: number;
}

export interface ElsewhereDeps {
  readonly leases: Leases;
  /** Real time. */
  readonly clock: Clock;
  /** How long a playlist waits for another push. */
  readonly graceMs: number;
}

/** What other nodes have for viewers, as of the latest reading: no request of a viewer asks the database. */
export class Elsewhere {
  readonly #deps: ElsewhereDeps;
  #nodes: ReadonlyMap<string, OtherNode> = new Map();
  #pushed: ReadonlyMap<string, Pushed> = new Map();
  /** The oldest first. */
  readonly #ended = new Map<string, Ended>();

  constructor(deps: ElsewhereDeps) {
    this.#deps = deps;
  }

  async read(): Promise<void> {
    const { leases } = this.#deps;
    const [nodes, held] = await Promise.all([leases.presentNodes(), heldElsewhere(leases, [STREAM_ID, ROOM_ID])]);
    this.#nodes = new Map(nodes.filter(({ id }) => id !== leases.owner).map((node) => [node.id, node]));
    const before = this.#pushed;
    this.#pushed = new Map([...held.values()].flatMap((holder) => this.#pushedBy(holder)));
    this.#keepEnded(before);
  }

  node(id: string): OtherNode | undefined {
    return this.#nodes.get(id);
  }

  find(isMeant: (subject: WatchSubject) => boolean): OtherNode | undefined {
    return findNode(this.#pushed, isMeant);
  }

  findEnded(isMeant: (subject: WatchSubject) => boolean): OtherNode | undefined {
    return findNode(this.#ended, isMeant);
  }

  #pushedBy(holder: Holder): readonly (readonly [string, Pushed])[] {
    const node = this.#nodes.get(holder.owner) ?? { id: holder.owner, name: holder.node };
    return subjectsOf(holder).map((subject) => [subjectKey(subject), { subject, node }]);
  }

  #keepEnded(before: ReadonlyMap<string, Pushed>): void {
    const { clock, graceMs } = this.#deps;
    const nowMs = clock.elapsed();
    for (const [key, { node, untilMs }] of this.#ended) {
      if (untilMs <= nowMs || this.#pushed.has(key) || !this.#nodes.has(node.id)) this.#ended.delete(key);
    }
    for (const [key, { subject, node }] of before) {
      if (this.#pushed.has(key) || !this.#nodes.has(node.id)) continue;
      this.#ended.set(key, { subject, node, untilMs: nowMs + graceMs + ENDED_MS });
    }
    for (const key of this.#ended.keys()) {
      if (this.#ended.size <= MAX_ENDED) break;
      this.#ended.delete(key);
    }
  }
}

function findNode(
  pushed: ReadonlyMap<string, Pushed>,
  isMeant: (subject: WatchSubject) => boolean,
): OtherNode | undefined {
  for (const { subject, node } of pushed.values()) if (isMeant(subject)) return node;
  return undefined;
}

function subjectsOf({ source, state }: Holder): readonly WatchSubject[] {
  const stream = streamOf(source);
  if (stream) return [{ domain: stream.domain, app: stream.app, stream: stream.stream }];
  const room = roomOf(source);
  const publishers = state?.users?.filter(({ role }) => role === 'publisher') ?? [];
  return room ? publishers.map(({ userId }) => ({ appId: room.appId, channelId: room.channelId, userId })) : [];
}
