import type { LiveSession, LiveSessions } from '../channel/sessions.ts';

/** A live push, as its owner sees it. */
export interface RegisteredSession extends LiveSession {
  /** Ends the push and resolves when everything it recorded is stored and its history is closed. */
  stop(reason: string): Promise<void>;
}

/** Who is live: at most one push per channel. */
export class Registry implements LiveSessions {
  readonly #sessions = new Map<string, RegisteredSession>();

  find(bucket: string, channel: string): RegisteredSession | undefined {
    return this.#sessions.get(`${bucket}/${channel}`);
  }

  add(bucket: string, channel: string, session: RegisteredSession): void {
    this.#sessions.set(`${bucket}/${channel}`, session);
  }

  remove(bucket: string, channel: string): void {
    this.#sessions.delete(`${bucket}/${channel}`);
  }

  get size(): number {
    return this.#sessions.size;
  }

  async stopAll(reason: string): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.stop(reason)));
  }
}
