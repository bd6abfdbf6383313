/** Inputs that are almost valid: errors of parsers show most often with small changes of valid input. */
import { seededRandom } from '../../src/control-plane/faults/random.ts';

/** A number from 0 to `limit` - 1. The same seed gives the same numbers. */
export type Random = (limit: number) => number;

export function randomBelow(seed: number): Random {
  const next = seededRandom(seed);
  return (limit) => Math.floor(next() * limit);
}

/** Bytes at which lengths, types and flags change their meaning. */
const EDGES = [0x00, 0x01, 0x02, 0x03, 0x09, 0x0a, 0x17, 0x1f, 0x3f, 0x40, 0x7f, 0x80, 0xaf, 0xc0, 0xe1, 0xfe, 0xff];
const MAX_STEPS = 6;

/** A sample after a few random changes; sometimes random bytes only. */
export function mutate(corpus: readonly Buffer[], random: Random): Buffer {
  if (random(50) === 0) return noise(random(200), random);
  let input: Buffer = Buffer.from(pick(corpus, random));
  for (let steps = 1 + random(MAX_STEPS); steps > 0; steps--) input = change(input, corpus, random);
  return input;
}

/** A text after a few random changes, with tokens of its language put in; sometimes random characters only. */
export function mutateText(corpus: readonly string[], tokens: readonly string[], random: Random): string {
  if (random(50) === 0) return noise(random(200), random).toString('latin1');
  let text = pick(corpus, random);
  for (let steps = 1 + random(4); steps > 0; steps--) text = changeText(text, corpus, tokens, random);
  // What was received as bytes has no half of a surrogate pair.
  return text.toWellFormed();
}

export function pick<Item>(items: readonly Item[], random: Random): Item {
  const item = items[random(items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

function change(input: Buffer, corpus: readonly Buffer[], random: Random): Buffer {
  const at = random(input.length + 1);
  const length = random(Math.min(64, input.length - at + 1));
  switch (random(7)) {
    case 0:
      if (at < input.length) input[at] = random(256);
      return input;
    case 1:
      if (at < input.length) input[at] = pick(EDGES, random);
      return input;
    case 2:
      if (at < input.length) input[at] = (input[at] ?? 0) ^ (1 << random(8));
      return input;
    case 3: // cut short
      return input.subarray(0, at);
    case 4: // a piece is missing
      return Buffer.concat([input.subarray(0, at), input.subarray(at + length)]);
    case 5: // a piece comes twice
      return Buffer.concat([input.subarray(0, at + length), input.subarray(at)]);
    default: {
      // a piece of another sample in between
      const other = pick(corpus, random);
      const from = random(other.length + 1);
      return Buffer.concat([input.subarray(0, at), other.subarray(from, from + random(64)), input.subarray(at)]);
    }
  }
}

/** Characters at which texts change their meaning. */
const EDGE_CHARS = [
  '\0',
  '\n',
  '\r',
  ' ',
  '"',
  "'",
  '%',
  '&',
  '=',
  ';',
  ',',
  '/',
  '\\',
  '<',
  '>',
  ':',
  '-',
  '0',
  '9',
  'é',
  '\ud800',
  '中',
];

function changeText(text: string, corpus: readonly string[], tokens: readonly string[], random: Random): string {
  const at = random(text.length + 1);
  const end = Math.min(text.length, at + random(48));
  switch (random(8)) {
    case 0:
      return text.slice(0, at) + pick(EDGE_CHARS, random) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1);
    case 2: // cut short
      return text.slice(0, at);
    case 3: // a piece is missing
      return text.slice(0, at) + text.slice(end);
    case 4: // a piece comes several times
      return text.slice(0, at) + text.slice(at, end).repeat(2 + random(4)) + text.slice(end);
    case 5: {
      // a piece of another sample in between
      const other = pick(corpus, random);
      const from = random(other.length + 1);
      return text.slice(0, at) + other.slice(from, from + random(64)) + text.slice(at);
    }
    default: // a token of the language, in between or in place of a piece
      return text.slice(0, at) + pick(tokens, random) + text.slice(random(2) === 0 ? at : end);
  }
}

function noise(length: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}
