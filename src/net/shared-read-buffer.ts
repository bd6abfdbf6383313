import { Socket } from 'node:net';

/** The most one read can give, and what Node would allocate for every single one. */
const BUFFER_BYTES = 64 * 1024;

/** The part of a socket's native half that is used here. */
interface StreamHandle {
  reading: boolean;
  readStop(): unknown;
}

/**
 * Lets sockets read into one buffer. Node allocates memory for every read, outside V8's heap, and at the pace of hundreds
 * of streams this alone keeps its garbage collector at work. `onread` is Node's answer (nodejs/node#25436), but only the
 * constructor of a socket takes it, and a server constructs its sockets itself (#53792). So an accepted socket's
 * connection is moved to a socket made with it, by the `handle` that Node's own servers pass. Where a socket has no such
 * handle, as over TLS, it stays what it is.
 */
export class SharedReadBuffer {
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

  /**
   * A socket for the same connection, to be used instead of `socket`. Its `data` are valid only during the event, and
   * `pause` stops its reading at once. The socket that was given lives until then and has no events any more.
   */
  adopt(socket: Socket): Socket {
    const read: Buffer | null = socket.read();
    const handle = takeHandle(socket);
    if (!handle) {
      if (read) socket.unshift(read);
      return socket;
    }
    const onread = {
      buffer: this.#buffer,
      callback: (sizeBytes: number) => adopted.emit('data', this.#buffer.subarray(0, sizeBytes)),
    };
    const { allowHalfOpen } = socket;
    // `manualStart`: nothing is read before somebody listens.
    const options = { handle, onread, allowHalfOpen, readable: true, writable: true, manualStart: true };
    const adopted = new Socket(options);
    // The server counts the connection as long as the socket it made is there.
    adopted.once('close', () => socket.destroy());
    if (read) adopted.once('resume', () => adopted.emit('data', read));
    return adopted;
  }
}

/** Takes the native half out of a plain TCP socket; what is left of the socket reads nothing more. */
function takeHandle(socket: Socket): StreamHandle | undefined {
  if (Object.getPrototypeOf(socket) !== Socket.prototype || !('_handle' in socket)) return undefined;
  const handle = socket._handle;
  if (!isStreamHandle(handle)) return undefined;
  handle.readStop();
  handle.reading = false;
  socket._handle = null;
  return handle;
}

function isStreamHandle(handle: unknown): handle is StreamHandle {
  if (typeof handle !== 'object' || handle === null) return false;
  return 'reading' in handle && 'readStop' in handle && 'useUserBuffer' in handle;
}
