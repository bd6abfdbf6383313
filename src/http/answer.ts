import type { Chunks } from '../storage/objects/object-store.ts';

/** An answer to a request. `sendAnswer` adds the Content-Length of a body that is text or bytes. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Chunks;
}
