import type { IncomingMessage } from 'node:http';
import { errorText } from '../base/error-text.ts';
import { OssError } from '../base/errors.ts';
import { turnOfTheLoop } from '../base/turn-of-the-loop.ts';

/**
 * How many turns of the loop the end of a connection may come after the end of a body. A client that has more bytes than
 * it announced (Go) closes right after the announced ones, and nothing may be kept of its upload.
 */
const TURNS_FOR_FAREWELL = 4;

/** Makes the error for a client that leaves before the end of its body. */
export type IncompleteBody = (reason: string) => Error;

/**
 * The bytes of a request body, as they come. The request itself stays open when the consumer stops early, so that it
 * can still be answered.
 *
 * @throws what `incomplete` makes, by default OssError IncompleteBody, when the client leaves before the end
 */
export async function* bodyChunks(
  request: IncomingMessage,
  incomplete: IncompleteBody = incompleteBody,
): AsyncGenerator<Buffer> {
  try {
    yield* request.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw incomplete(`the connection ended within the body: ${errorText(error)}`);
  }
  const { socket } = request;
  for (let turn = 0; turn < TURNS_FOR_FAREWELL; turn++) {
    await turnOfTheLoop();
    if (socket.readableEnded || socket.destroyed) throw incomplete('the client left at the end of the body');
  }
}

/**
 * A body whole; undefined when it is longer than `limitBytes`. Nothing of such a body is read if its length was given;
 * without a length, the bytes read so far are lost. The request stays open, so that it can still be answered.
 *
 * @throws what `incomplete` makes, by default OssError IncompleteBody, when the client leaves before the end
 */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
  incomplete: IncompleteBody = incompleteBody,
): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return undefined;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of bodyChunks(request, incomplete)) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}

export function incompleteBody(reason: string): OssError {
  const message = 'You did not provide the number of bytes specified by Content-Length.';
  return new OssError('IncompleteBody', message, { reason });
}
