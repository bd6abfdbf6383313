/** The REST API of OSS as the page calls it: with a URL that the control API signs for each request. */
import type { ControlApi } from '../api-client.ts';
import { type Contact, LIMITS } from '../contact.ts';
import { RestRefused } from './rest-refused.ts';

export interface RestRequest {
  /** Default `GET`. */
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly bucket?: string;
  readonly key?: string;
  /** An empty text stands for a name alone. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RestAnswer {
  readonly headers: Headers;
  readonly text: string;
}

/** @throws RestRefused when the request is refused, CallFailed when the emulator does not answer */
export type Rest = (request: RestRequest) => Promise<RestAnswer>;

const READING: readonly RestRequest['method'][] = [undefined, 'GET', 'HEAD'];

export function createRest(api: ControlApi, contact: Contact): Rest {
  return async ({ body, ...request }) => {
    const { path } = await api('presign', { body: request });
    const { method = 'GET', headers = {} } = request;
    const limit = READING.includes(request.method) ? LIMITS.request : LIMITS.change;
    const response = await contact.answerOfEmulator(limit, (signal) =>
      fetch(path, { method, headers, cache: 'no-store', signal, ...(body !== undefined && { body }) }),
    );
    const text = await contact.text(limit, response);
    if (response.ok) return { headers: response.headers, text };
    throw refusalOf(response.status, text === '' ? errorInHeader(response.headers) : text);
  };
}

/** @param document the XML of an error */
export function refusalOf(status: number, document: string): RestRefused {
  const error = new DOMParser().parseFromString(document, 'application/xml');
  const textIn = (name: string) => error.querySelector(`Error > ${name}`)?.textContent ?? '';
  return new RestRefused(textIn('Code') || `Status ${status}`, textIn('Message'));
}

/** The answer to HEAD has no body. */
function errorInHeader(headers: Headers): string {
  return atob(headers.get('x-oss-err') ?? '');
}
