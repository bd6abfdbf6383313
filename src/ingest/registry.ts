import { type RoomSource, type StreamSource, sourceId } from '../base/push-source.ts';
import type { PublishingUsers } from '../live/rooms/publishing-users.ts';
import type { PublishingStreams } from '../live/streams/publishing-streams.ts';
import type { MediaTotals } from '../media/stat.ts';
import type { LiveSession, LiveSessions } from '../oss/channel/publishing.ts';
import type { RoomSession } from './room-session.ts';
import type { StreamSession } from './stream-session.ts';

/** A live push, as its owner sees it. */
export interface RegisteredSession extends LiveSession {
  readonly id: string;
  totals(): MediaTotals;
  /** Ends the push and resolves when everything it recorded is stored and its history is closed. */
  stop(reason: string): Promise<void>;
}

/** Who is live: at most one push per channel, per stream, and per user of a room. */
export class Registry implements LiveSessions, PublishingStreams, PublishingUsers {
  readonly #sessions = new Map<string, RegisteredSession>();
  readonly #streams = new Map<string, StreamSession>();
  readonly #users = new Map<string, RoomSession>();

  /** Why nobody may begin any more. */
  #closing: string | undefined;
  readonly #latecomers: Promise<void>[] = [];

  find(bucket: string, channel: string): RegisteredSession | undefined {
    return this.#sessions.get(`${bucket}/${channel}`);
  }

  add(bucket: string, channel: string, session: RegisteredSession): void {
    this.#sessions.set(`${bucket}/${channel}`, session);
    this.#stopLatecomer(session);
  }

  remove(bucket: string, channel: string): void {
    this.#sessions.delete(`${bucket}/${channel}`);
  }

  stream(source: StreamSource): StreamSession | undefined {
    return this.#streams.get(sourceId(source));
  }

  streams(): Iterable<StreamSession> {
    return this.#streams.values();
  }

  addStream(session: StreamSession): void {
    this.#streams.set(sourceId(session.push.source), session);
    this.#stopLatecomer(session);
  }

  removeStream(source: StreamSource): void {
    this.#streams.delete(sourceId(source));
  }

  user(source: RoomSource): RoomSession | undefined {
    return this.#users.get(sourceId(source));
  }

  users(): Iterable<RoomSession> {
    return this.#users.values();
  }

  addUser(session: RoomSession): void {
    this.#users.set(sourceId(session.push.source), session);
    this.#stopLatecomer(session);
  }

  removeUser(source: RoomSource): void {
    this.#users.delete(sourceId(source));
  }

  get size(): number {
    return this.#sessions.size + this.#streams.size + this.#users.size;
  }

  /** Ends every push for good: one that was just being admitted ends as soon as it is. */
  async close(reason: string): Promise<void> {
    this.#closing = reason;
    await this.stopAll(reason);
    await Promise.all(this.#latecomers);
  }

  /** Ends every push, or those into one bucket. */
  async stopAll(reason: string, bucket?: string): Promise<void> {
    const isMeant = (name: string) => bucket === undefined || name.startsWith(`${bucket}/`);
    const meant = [...this.#sessions].filter(([name]) => isMeant(name)).map(([, session]) => session);
    const others = bucket === undefined ? [...this.#streams.values(), ...this.#users.values()] : [];
    await Promise.all([...meant, ...others].map((session) => session.stop(reason)));
  }

  #stopLatecomer(session: { stop(reason: string): Promise<void> }): void {
    if (this.#closing !== undefined) this.#latecomers.push(session.stop(this.#closing));
  }
}
