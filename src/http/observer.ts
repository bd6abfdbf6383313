/** What others see of the requests, and do to them: ports, filled by whoever puts the emulator together. */
import type { IncomingMessage } from 'node:http';
import type { OssError } from '../base/errors.ts';
import type { Chunks } from '../storage/objects/object-store.ts';
import type { Answer } from './answer.ts';

/** One request, once its answer is on its way. */
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
}

/** The body of an answer as it is really sent, cut off or slowed down. */
export type BodyShape = (body: Chunks) => Chunks;

/** Something that goes wrong on purpose with one operation. */
export interface RestFault {
  /** Before the operation: waits, resets the connection, or throws the OssError to answer with. */
  strike(request: IncomingMessage): Promise<void>;
  /** Undefined leaves the body alone. */
  readonly shape: BodyShape | undefined;
}

export type FindRestFault = (target: {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
}) => RestFault | undefined;

/** The answer with its body as the fault lets it through; its Content-Length stays that of the whole. */
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
