import { type ChannelSource, type RoomSource, type StreamSource, sourceId } from '../base/push-source.ts';
import type { PublishingUser, PublishingUsers } from '../live/rooms/publishing-users.ts';
import type { PublishingStream, PublishingStreams } from '../live/streams/publishing-streams.ts';
import type { MediaTotals } from '../media/stat.ts';
import type { PublishingChannel, PublishingChannels } from '../oss/channel/publishing.ts';
import type { PublishSink } from '../rtmp/publish.ts';
import type { EndRequest, Lease, LeasedState, LeaseHolder } from '../storage/leases/leases.ts';

/** The other parts of a push, for its owners: they open it, show its counts and stop it. */
interface Owned {
  /** Takes what the publisher sends. */
  readonly sink: PublishSink;
  /** Resolves when everything it recorded is stored and its name is free. */
  readonly ended: Promise<void>;
  totals(): MediaTotals;
  /** Ends the push; resolves when it has ended. */
  stop(reason: string): Promise<void>;
  /** Ends the push, because another node may have its source now. */
  lose(reason: string): void;
}

/** Why no push may begin. */
export interface PushRefusal {
  /** Sent to the publisher. */
  readonly description: string;
  /** For the log. */
  readonly reason: string;
}

export type RegisteredChannel = PublishingChannel & Owned;
export type RegisteredStream = PublishingStream & Owned;
export type RegisteredUser = PublishingUser & Owned;
export type RegisteredPush = RegisteredChannel | RegisteredStream | RegisteredUser;

/**
 * The registry of the present publishers. There is at most one push per channel, per stream, and per user of a room.
 */
export class Registry implements PublishingChannels, PublishingStreams, PublishingUsers, LeaseHolder {
  /** By `sourceId`, in the order in which they began. */
  readonly #pushes = new Map<string, RegisteredPush>();
  /** Why each push that was admitted late is ended at once. */
  #ending: { readonly reason: string; readonly bucket: string | undefined } | undefined;
  #isClosed = false;
  #refusal: PushRefusal | undefined;
  /** As long as it lasts, instead of that one. */
  #suspension: PushRefusal | undefined;
  /** Of those that wait until there is no push. */
  readonly #onEmpty: (() => void)[] = [];
  readonly #latecomers: Promise<void>[] = [];

  channel(source: ChannelSource): RegisteredChannel | undefined {
    const found = this.#pushes.get(sourceId(source));
    return found && isChannel(found) ? found : undefined;
  }

  stream(source: StreamSource): RegisteredStream | undefined {
    const found = this.#pushes.get(sourceId(source));
    return found && isStream(found) ? found : undefined;
  }

  *streams(): Iterable<RegisteredStream> {
    for (const registered of this.#pushes.values()) if (isStream(registered)) yield registered;
  }

  user(source: RoomSource): RegisteredUser | undefined {
    const found = this.#pushes.get(sourceId(source));
    return found && isUser(found) ? found : undefined;
  }

  *users(): Iterable<RegisteredUser> {
    for (const registered of this.#pushes.values()) if (isUser(registered)) yield registered;
  }

  /**
   * From now on the source has a publisher.
   * @param lease of the source, which may have been lost while the push was admitted
   */
  add(registered: RegisteredPush, lease?: Lease): void {
    this.#pushes.set(sourceId(registered.push.source), registered);
    if (lease && !lease.isHeld()) registered.lose('the lease has ended');
    if (this.#ending && isMeant(registered, this.#ending.bucket)) {
      this.#latecomers.push(registered.stop(this.#ending.reason));
    }
  }

  /** The push has ended. After its lease was lost, the source may have another one by now, which stays. */
  remove(registered: RegisteredPush): void {
    const id = sourceId(registered.push.source);
    if (this.#pushes.get(id) === registered) this.#pushes.delete(id);
    if (this.#pushes.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  /** What the push of a source is like now. */
  stateOf(source: string): LeasedState | undefined {
    const found = this.#pushes.get(source);
    return found && { stat: found.stat(), totals: found.totals() };
  }

  /** Another node asks for it. */
  end(source: string, { code, description }: EndRequest): void {
    const found = this.#pushes.get(source);
    if (found && !isChannel(found)) found.cut(code, description);
  }

  /** The status that a channel was found to have; another node may have set it. */
  noteStatus(source: string, status: string): void {
    const found = this.#pushes.get(source);
    if (!found || !isChannel(found)) return;
    if (status === 'disabled') found.cutSoon();
    else found.keep();
  }

  /** The lease of a source is not held any longer. */
  lose(source: string, reason: string): void {
    this.#pushes.get(source)?.lose(reason);
  }

  get size(): number {
    return this.#pushes.size;
  }

  /** What is answered to whoever wants to begin a push; undefined while pushes may begin. */
  get refusal(): PushRefusal | undefined {
    return this.#suspension ?? this.#refusal;
  }

  /** From now on no push may begin. Those that go on, and those whose admission has begun, are not concerned. */
  refuseNew(refusal: PushRefusal): void {
    this.#refusal = refusal;
  }

  /** Resolves when there is no push. */
  async empty(): Promise<void> {
    if (this.#pushes.size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
  }

  /** Ends every push, and each later one as soon as it is admitted. */
  async close(reason: string): Promise<void> {
    this.#isClosed = true;
    await this.#endAll(reason);
  }

  /**
   * Ends every push, or those into one bucket, and until `readmit` each later one as soon as it is admitted. While it is
   * about every push, none may begin.
   */
  async suspend(refusal: PushRefusal, bucket?: string): Promise<void> {
    if (bucket === undefined) this.#suspension = refusal;
    await this.#endAll(refusal.reason, bucket);
  }

  /** Pushes may begin again. */
  async readmit(): Promise<void> {
    if (this.#isClosed) return;
    this.#ending = undefined;
    await Promise.all(this.#latecomers.splice(0));
    this.#suspension = undefined;
  }

  /** Ends every push, or those into one bucket. */
  async stopAll(reason: string, bucket?: string): Promise<void> {
    const meant = [...this.#pushes.values()].filter((push) => isMeant(push, bucket));
    await Promise.all(meant.map((push) => push.stop(reason)));
  }

  async #endAll(reason: string, bucket?: string): Promise<void> {
    this.#ending = { reason, bucket };
    await this.stopAll(reason, bucket);
    await Promise.all(this.#latecomers.splice(0));
  }
}

function isMeant(registered: RegisteredPush, bucket: string | undefined): boolean {
  return bucket === undefined || (isChannel(registered) && registered.push.source.bucket === bucket);
}

function isChannel(registered: RegisteredPush): registered is RegisteredChannel {
  return registered.push.source.kind === 'channel';
}

function isStream(registered: RegisteredPush): registered is RegisteredStream {
  return registered.push.source.kind === 'stream';
}

function isUser(registered: RegisteredPush): registered is RegisteredUser {
  return registered.push.source.kind === 'room';
}
