import { createPublicKey } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OWN_PREFIX } from '../../http/own-path.ts';

/**
 * Where receivers of callbacks find the public key. The service has its own at
 * `gosspublic.alicdn.com/callback_pub_key_v1.pem`. No bucket name has an underscore, so it hides no bucket.
 */
export const PUBLIC_KEY_PATH = `${OWN_PREFIX}/callback_pub_key_v1.pem`;

/** Answers requests for the key, and resolves to false for others. */
export function createPublicKeyTaker(
  certificatePem: () => Promise<string>,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async ({ url }, response) => {
    if (url !== PUBLIC_KEY_PATH) return false;
    const pem = createPublicKey(await certificatePem()).export({ type: 'spki', format: 'pem' });
    response.writeHead(200, { 'Content-Type': 'application/x-pem-file', 'Content-Length': Buffer.byteLength(pem) });
    response.end(pem);
    return true;
  };
}
