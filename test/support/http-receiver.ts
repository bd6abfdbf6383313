import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenDuringTest } from './listen.ts';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpReceiver {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly received: readonly ReceivedRequest[];
  /** Resolves with the n-th request, counted from 1, when all of it has arrived, answered or not. */
  request(n: number): Promise<ReceivedRequest>;
}

/** Answers the n-th request, counted from 1. A response that is not ended simulates a receiver that hangs. */
export type Answer = (response: ServerResponse, n: number) => void;

const answerOk: Answer = (response) => {
  response.end('ok');
};

/** Receives HTTP requests on a free port until the test ends: the target of every callback, push and webhook. */
export async function receiveHttp(answer: Answer = answerOk): Promise<HttpReceiver> {
  const received: ReceivedRequest[] = [];
  const waiting = new Map<number, ((request: ReceivedRequest) => void)[]>();
  const server = createServer(async (request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://receiver');
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    const entry: ReceivedRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      query: Object.fromEntries(searchParams),
      headers: Object.fromEntries(headers),
      body: await text(request),
    };
    received.push(entry);
    const n = received.length;
    for (const resolve of waiting.get(n) ?? []) resolve(entry);
    waiting.delete(n);
    answer(response, n);
  });
  const port = await listenDuringTest(server);
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    request(n) {
      const entry = received[n - 1];
      if (entry) return Promise.resolve(entry);
      return new Promise((resolve) => waiting.set(n, [...(waiting.get(n) ?? []), resolve]));
    },
  };
}
