/** Ports through which other parts observe requests and change how they are answered; the composition fills them. */
import type { IncomingMessage } from 'node:http';
import type { OssError } from '../base/errors.ts';
import type { Chunks } from '../storage/objects/object-store.ts';
import type { Answer } from './answer.ts';

/** One request, after its answer was handed to the connection. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly remoteAddr: string;
  readonly method: string;
  /** Path and query as received: signatures and tokens are in it. */
  readonly target: string;
  readonly operation: string | undefined;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly status: number;
  readonly durationMs: number;
  readonly refusal: OssError | undefined;
  /** As received, by lower-case name: signatures and tokens are in it. Absent when nothing of the request was read. */
  readonly headers?: ReadonlyMap<string, string>;
  /** The document in its body, where an operation has read one: it may hold secrets. */
  readonly document?: Buffer | undefined;
}

/** Makes the body that is sent from the body of the answer: cut off, or slowed down. */
export type BodyShape = (body: Chunks) => Chunks;

/** An error that a fault rule causes in one operation. */
export interface RestFault {
  /**
   * Called before the operation: waits, resets the connection, or refuses.
   * @throws OssError the refusal to answer with
   */
  strike(request: IncomingMessage): Promise<void>;
  /** Undefined leaves the body alone. */
  readonly shape: BodyShape | undefined;
}

export type FindRestFault = (target: {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
}) => RestFault | undefined;

/** The answer with its body changed by the fault; the Content-Length stays that of the whole body. */
export function shapeAnswer(answer: Answer, shape: BodyShape | undefined): Answer {
  const { body, headers } = answer;
  if (!shape || body === undefined) return answer;
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return { ...answer, body: shape(body) };
  const bytes = Buffer.from(body);
  return {
    ...answer,
    headers: { ...headers, 'content-length': String(bytes.length) },
    body: shape([bytes]),
  };
}
