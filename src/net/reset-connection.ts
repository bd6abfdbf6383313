import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Ends a connection at once, so that its peer notices even if it does not read. Over TLS, Node can only close it. */
export function resetConnection(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
