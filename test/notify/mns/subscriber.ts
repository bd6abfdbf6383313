import { verify, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export interface ReceivedPush {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Subscriber {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly received: readonly ReceivedPush[];
  /** Resolves with the n-th push, from 1. */
  push(n: number): Promise<ReceivedPush>;
}

/** An HTTP endpoint as a user writes one. `answer` may leave the response open, to seem to hang. */
export async function startSubscriber(
  answer: (response: ServerResponse, n: number) => void = (response) => response.writeHead(204).end(),
): Promise<Subscriber> {
  const received: ReceivedPush[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    received.push(await readPush(request));
    answer(response, received.length);
    for (const resume of waiting) resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const push = (n: number) =>
    new Promise<ReceivedPush>((resolve) => {
      const look = () => {
        const found = received[n - 1];
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { url: `http://127.0.0.1:${port}`, received, push };
}

/** What the documentation tells subscribers to do: certificate from the URL in the header, RSA-SHA1 over the rest. */
export async function isSignedByCertificate({ method, path, headers }: ReceivedPush): Promise<boolean> {
  const certificateUrl = Buffer.from(headers['x-mns-signing-cert-url'] ?? '', 'base64').toString();
  const certificate = new X509Certificate(await (await fetch(certificateUrl)).text());
  const mnsHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-mns-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`);
  const { 'content-md5': md5, 'content-type': type, date } = headers;
  const text = `${method}\n${md5}\n${type}\n${date}\n${mnsHeaders.join('')}${path}`;
  const signature = Buffer.from(headers.authorization ?? '', 'base64');
  return verify('sha1', Buffer.from(text), certificate.publicKey, signature);
}

async function readPush(request: IncomingMessage): Promise<ReceivedPush> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return { method: request.method ?? '', path: request.url ?? '', headers: Object.fromEntries(headers), body };
}
