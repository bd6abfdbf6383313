import type { IncomingMessage, ServerResponse } from 'node:http';
import { OWN_PREFIX } from '../../http/own-path.ts';
import { sendAnswer } from '../../http/send.ts';
import { type GuardOptions, mayOpenPage } from './guard.ts';
import { acceptsHtml } from './written-refusal.ts';

/**
 * Leads a person who opens `/` in a browser to the page: without a signature there is nothing else for them there. The caller
 * has checked that the host names no bucket. Every other request is for the service, and resolves to false.
 */
export function leadFromRoot(
  options: GuardOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async (request, response) => {
    if (!isOfPerson(request) || !mayOpenPage(request, options)) return false;
    const headers = { location: `${OWN_PREFIX}/`, 'cache-control': 'no-store', vary: 'Accept, Authorization' };
    await sendAnswer({ status: 303, headers }, response);
    return true;
  };
}

/** A signature is in a header or in the query. */
function isOfPerson({ method, url, headers }: IncomingMessage): boolean {
  if (method !== 'GET' || url !== '/' || headers.authorization !== undefined) return false;
  return acceptsHtml(headers.accept);
}
