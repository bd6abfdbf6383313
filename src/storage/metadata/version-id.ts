/**
 * Ids of versions, in the form of the service's: base64 of a protocol buffer with three numbers and a text of 32 hex digits,
 * which is letters and digits only. Clients only compare them. Here the text begins with the number of the version among
 * all, so that a listing can go on after a version that was deleted meanwhile; the rest of it is random.
 */
import { randomBytes } from 'node:crypto';
import { NULL_VERSION } from './records.ts';

/** Field 1 to 3, and the length of field 4. */
const HEAD = Buffer.from('08011001188180808080808080012220', 'hex');
const NUMBER_DIGITS = 14;
const RANDOM_BYTES = 9;
const TEXT_START = HEAD.length;
const TEXT = new RegExp(`^[0-9a-f]{${NUMBER_DIGITS + 2 * RANDOM_BYTES}}$`);

/** What an id of the service can look like; a request with another text is refused. */
const POSSIBLE_ID = /^CAE[A-Za-z0-9]{13,125}$/;

export function isVersionId(text: string): boolean {
  return text === NULL_VERSION || POSSIBLE_ID.test(text);
}

/** A new id for the version with this number. */
export function makeVersionId(number: number): string {
  const text = number.toString(16).padStart(NUMBER_DIGITS, '0') + randomBytes(RANDOM_BYTES).toString('hex');
  return Buffer.concat([HEAD, Buffer.from(text)]).toString('base64');
}

/** The number in an id; undefined when `makeVersionId` did not make it. */
export function versionNumber(versionId: string): number | undefined {
  const bytes = Buffer.from(versionId, 'base64');
  const text = bytes.toString('latin1', TEXT_START);
  if (!bytes.subarray(0, TEXT_START).equals(HEAD) || !TEXT.test(text)) return undefined;
  return Number.parseInt(text.slice(0, NUMBER_DIGITS), 16);
}
