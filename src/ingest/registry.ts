import type { LiveSession, LiveSessions, MediaTotals } from '../channel/sessions.ts';

/** A live push, as its owner sees it. */
export interface RegisteredSession extends LiveSession {
  readonly id: string;
  totals(): MediaTotals;
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

  /** Ends every push, or those into one bucket. */
  async stopAll(reason: string, bucket?: string): Promise<void> {
    const isMeant = (name: string) => bucket === undefined || name.startsWith(`${bucket}/`);
    const meant = [...this.#sessions].filter(([name]) => isMeant(name));
    await Promise.all(meant.map(([, session]) => session.stop(reason)));
  }
}
