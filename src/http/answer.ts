import type { Chunks } from '../storage/objects/object-store.ts';

/** What goes back. A body that is text or bytes gets its Content-Length from `sendAnswer`. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Chunks;
}
