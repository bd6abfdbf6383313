import type { RepeatItem } from '../api-client.ts';
import { type Contact, LIMITS } from '../contact.ts';

/** More of an answer is not shown. */
const MAX_SHOWN_BYTES = 16 * 1024;

const TEXT_TYPE = /^(?:text\/|application\/(?:xml|json|x-mpegurl|vnd\.apple\.mpegurl))/i;

/** What the service answered to a request that was sent again. */
export interface SentAgain {
  readonly status: number;
  readonly requestId: string | null;
  readonly contentType: string;
  /** The beginning of the body, if it is text. */
  readonly text: string | undefined;
}

/**
 * Sends a request to OSS as any client does, without the token of the page.
 * @param path signed, from the host of the page on
 * @throws CallFailed when the emulator does not answer
 */
export async function sendAgain({ request, body }: RepeatItem, path: string, contact: Contact): Promise<SentAgain> {
  const response = await contact.answer(LIMITS.change, (signal) =>
    fetch(path, {
      method: request.method,
      headers: request.headers,
      // A text would be given a type, and the type is signed.
      body: body === null ? null : new Blob([body]),
      cache: 'no-store',
      redirect: 'manual',
      signal,
    }),
  );
  const contentType = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    requestId: response.headers.get('x-oss-request-id'),
    contentType,
    text: await beginning(contact.chunks(LIMITS.change, response), TEXT_TYPE.test(contentType)),
  };
}

async function beginning(chunks: AsyncIterable<Uint8Array>, isText: boolean): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) {
    if (!isText) return undefined;
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= MAX_SHOWN_BYTES) return `${text.slice(0, MAX_SHOWN_BYTES)} …`;
  }
  return isText ? text : undefined;
}
