import type { TOKEN_HEADER } from '../control-plane/admin/page-token.ts';
import { isOfEmulator } from './contact.ts';

const HEADER: typeof TOKEN_HEADER = 'x-emulator-token';

const REFUSED = 403;

/** `fetch`, with the token of the page. */
export type Send = (url: string, request?: RequestInit) => Promise<Response>;

/** @param onStale called when the token was good before: another emulator answers, which gave its page another one */
export function createSend(token: string, onStale: () => void): Send {
  let wasGood = false;
  return async (url, request = {}) => {
    const headers = new Headers(request.headers);
    headers.set(HEADER, token);
    const response = await fetch(url, { ...request, headers });
    if (!isOfEmulator(response.headers)) return response;
    if (response.ok) wasGood = true;
    if (response.status === REFUSED && wasGood) onStale();
    return response;
  };
}
