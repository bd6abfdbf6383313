import type { Socket } from 'node:net';

/** The part of a socket's native half that is used here. */
interface WritingHandle {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

/** How much of what was written to a socket the peer's system has room for, and how much it has not yet. */
export interface SentBytes {
  readonly sent: number;
  readonly unsent: number;
}

/**
 * Counts within a large write too, of which the socket itself says only whether it is complete; Node's own timeout of
 * a socket looks at the same two numbers.
 */
export function sentBytes(socket: Socket): SentBytes {
  const { writableLength: unsent, bytesWritten } = socket;
  const handle = '_handle' in socket ? socket._handle : undefined;
  if (!isWritingHandle(handle)) return { sent: bytesWritten - unsent, unsent };
  return { sent: handle.bytesWritten - handle.writeQueueSize, unsent: Math.max(unsent, handle.writeQueueSize) };
}

function isWritingHandle(handle: unknown): handle is WritingHandle {
  if (typeof handle !== 'object' || handle === null) return false;
  if (!('bytesWritten' in handle && 'writeQueueSize' in handle)) return false;
  return typeof handle.bytesWritten === 'number' && typeof handle.writeQueueSize === 'number';
}
