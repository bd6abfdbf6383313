import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** A request to somebody else's server. */
export interface OutgoingPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The name that TLS asks for (SNI); empty asks for none. Default: the host of the URL. */
  readonly serverName?: string;
}

export interface PostAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The first bytes, at most as many as were asked for. */
  readonly body: Buffer;
  /** There is more of the body, which was not read. */
  readonly isCut: boolean;
}

/**
 * Sends one POST and reads at most `limitBytes` of the answer. Redirects are answers like any other: they are not
 * followed. Rejects when the connection fails or ends without an answer, or the signal aborts.
 */
export function post(
  { url, headers, body, serverName }: OutgoingPost,
  signal: AbortSignal,
  limitBytes: number,
): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const servername = serverName === undefined ? {} : { servername: serverName };
    // A new connection each time: the receiver may close a kept one at the moment in which it is used again.
    const request = send(url, { method: 'POST', headers, signal, agent: false, ...servername }, (response) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      const finish = (isCut: boolean) => {
        const bytes = Buffer.concat(chunks).subarray(0, limitBytes);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, isCut });
      };
      response.on('error', reject).on('end', () => finish(false));
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        sizeBytes += chunk.length;
        if (sizeBytes <= limitBytes) return;
        finish(true);
        request.destroy();
      });
    });
    // Last of all events, also when there was no answer, as after a switch of protocols.
    request.on('close', () => reject(new Error('the connection ended without an answer')));
    request.on('error', reject);
    request.end(body);
  });
}

/** Where requests may be sent on behalf of somebody else: anywhere, because the emulator is run by who names the target. */
export function isAllowedTarget(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}
