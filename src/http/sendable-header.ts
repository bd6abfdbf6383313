import { validateHeaderName, validateHeaderValue } from 'node:http';

/** Whether Node.js sends such a header, with one character per byte. */
export function isSendableHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
