import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';

/** How long a peer may take to read the last answer and to close its connection. */
export const FAREWELL_MS = 2_000;

/** Ends a connection at once, so that its peer notices even if it does not read. Over TLS, Node can only close it. */
export function resetConnection(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Resets a connection that is still open after the farewell. */
export function resetUnlessClosed(socket: Socket, clock: Clock): void {
  const patience = clock.setTimeout(() => resetConnection(socket), FAREWELL_MS);
  socket.once('close', () => patience.cancel());
}
