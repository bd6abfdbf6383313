import { randomBytes } from 'node:crypto';

/** An id for a request or a message: 24 upper-case hex digits. */
export function newRequestId(): string {
  return randomBytes(12).toString('hex').toUpperCase();
}
