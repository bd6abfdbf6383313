/**
 * Objects and everything else that clients put here may be web pages of anybody. On the host names of the page of
 * `/_emulator/` they have its origin, so their scripts could do whatever the page can. These headers keep them apart. A
 * bucket's own host name is another origin and needs none of this.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * `sandbox` gives a document an origin of its own and runs no scripts (CSP Level 3, 6.3.2); images, media, and what is
 * fetched are no documents. `nosniff` makes nothing a script or a style sheet that is not declared as one.
 */
export const ISOLATION_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': 'sandbox allow-downloads',
  'X-Content-Type-Options': 'nosniff',
};

/** What runs with the rights of the document that loads it, and has no document of its own that could be sandboxed. */
const SCRIPTS: readonly unknown[] = [
  'audioworklet',
  'paintworklet',
  'script',
  'serviceworker',
  'sharedworker',
  'worker',
  'xslt',
];

/** Before the answer is written. */
export function isolate(response: ServerResponse): void {
  for (const [name, value] of Object.entries(ISOLATION_HEADERS)) response.setHeader(name, value);
}

/**
 * Whether the answer would run in the origin of the page. Only that origin can ask for its service workers, which would
 * outlive the emulator and see every later request of the page (Service Workers, 4.3; Fetch Metadata, 2.1).
 */
export function isScriptOfOrigin({ headers }: IncomingMessage): boolean {
  if (headers['service-worker'] !== undefined) return true;
  return headers['sec-fetch-site'] === 'same-origin' && SCRIPTS.includes(headers['sec-fetch-dest']);
}
