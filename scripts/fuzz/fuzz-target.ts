/** Code that reads what strangers send, and the bounds of what it may do with one input. */
import type { Random } from './mutate.ts';

export interface FuzzTarget {
  readonly name: string;
  /** Runs one input. @throws the error of the code under test, if it is not a documented one; Error when it did too much */
  run(random: Random): void | Promise<void>;
}

type ErrorClass = abstract new (...args: never) => Error;

/** How many values a reading of an input may have, and how many characters a refusal: in proportion to the input. */
const MAX_PER_BYTE = 64;
const MAX_AT_LEAST = 16_384;

/**
 * Reads; a refusal of one of these classes is an expected end. What was read, and the refusal, must not be much larger than
 * the input: that is work and memory which somebody else causes.
 */
export function tolerating(documented: readonly ErrorClass[], inputSize: number, read: () => unknown): void {
  const limit = MAX_AT_LEAST + MAX_PER_BYTE * inputSize;
  try {
    const count = countValues(read(), limit);
    if (count > limit) throw new Error(`${inputSize} bytes made more than ${limit} values`);
  } catch (error) {
    if (!documented.some((known) => error instanceof known)) throw error;
    const sizeChars = countChars(error, limit);
    if (sizeChars > limit)
      throw new Error(`${inputSize} bytes made a refusal of more than ${limit} characters`, { cause: error });
  }
}

/** The number of values in what was read; counting ends above the limit. Buffers and functions count once. */
function countValues(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return 1;
  let count = 1;
  for (const member of membersOf(value)) {
    count += countValues(member, limit - count);
    if (count > limit) break;
  }
  return count;
}

function countChars(value: unknown, limit: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let count = value instanceof Error ? value.message.length : 0;
  for (const member of membersOf(value)) {
    if (count > limit) break;
    count += countChars(member, limit - count);
  }
  return count;
}

function membersOf(value: object): Iterable<unknown> {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return value.values();
  return Object.values(value);
}
