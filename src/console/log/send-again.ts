import type { RepeatItem } from '../api-client.ts';
import { exchange } from '../call-failed.ts';

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
export function sendAgain({ request, body }: RepeatItem, path: string): Promise<SentAgain> {
  return exchange(async () => {
    const response = await fetch(path, {
      method: request.method,
      headers: request.headers,
      // A text would be given a type, and the type is signed.
      body: body === null ? null : new Blob([body]),
      cache: 'no-store',
      redirect: 'manual',
    });
    const contentType = response.headers.get('content-type') ?? '';
    return {
      status: response.status,
      requestId: response.headers.get('x-oss-request-id'),
      contentType,
      text: await beginning(response, TEXT_TYPE.test(contentType)),
    };
  });
}

async function beginning({ body }: Response, isText: boolean): Promise<string | undefined> {
  const reader = body?.getReader();
  if (!reader) return undefined;
  const decoder = new TextDecoder();
  let text = '';
  while (isText && text.length < MAX_SHOWN_BYTES) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return isText ? `${text.slice(0, MAX_SHOWN_BYTES)} …` : undefined;
}
