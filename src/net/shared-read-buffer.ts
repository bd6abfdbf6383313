import { Socket } from 'node:net';

/** The most bytes that one read returns; Node would allocate as many for each read. */
const BUFFER_BYTES = 64 * 1024;

/** The part of a socket's native half that is used here. */
interface StreamHandle {
  reading: boolean;
  readStop(): unknown;
}

/**
 * Lets sockets read into one buffer. Node allocates memory outside V8's heap for every read, which with hundreds of
 * streams keeps the garbage collector busy. The option `onread` avoids that (nodejs/node#25436), but only the
 * constructor of a socket takes it, and a server constructs its sockets itself (#53792). So the connection of an
 * accepted socket is moved to a socket that is constructed with `onread`, by the `handle` that Node's own servers pass.
 * A socket without such a handle, as over TLS, is left unchanged.
 */
export class SharedReadBuffer {
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

  /**
   * A socket for the same connection, to be used instead of `socket`. Its `data` are valid only during the event, and
   * `pause` stops its reading at once. The given socket closes with it and has no other events.
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
    // `manualStart`: nothing is read before there is a listener.
    const options = { handle, onread, allowHalfOpen, readable: true, writable: true, manualStart: true };
    const adopted = new Socket(options);
    // The server counts the connection until the socket that it made is closed.
    adopted.once('close', () => socket.destroy());
    if (read) adopted.once('resume', () => adopted.emit('data', read));
    return adopted;
  }
}

/** Takes the native handle out of a plain TCP socket, which reads nothing afterwards. */
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
