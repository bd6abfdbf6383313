import { describe, expect, it } from 'vitest';
import { XML_KINDS } from '../../scripts/fuzz/document-targets.ts';
import { tolerating } from '../../scripts/fuzz/fuzz-target.ts';
import { randomBelow } from '../../scripts/fuzz/mutate.ts';
import { FUZZ_TARGETS } from '../../scripts/fuzz/targets.ts';

/** A small part of `npm run fuzz`, which runs ten million inputs. */
const INPUTS = 1_000;

it.each(FUZZ_TARGETS)('$name survives malformed input', async ({ run }) => {
  const random = randomBelow(7);
  for (let input = 0; input < INPUTS; input++) await run(random);
});

it('every document that is changed is valid before', () => {
  for (const { samples, read } of XML_KINDS) {
    for (const sample of samples) expect(() => read(Buffer.from(sample), 100_000), sample).not.toThrow();
  }
});

describe('an input', () => {
  it('may be refused with a documented error only', () => {
    const refuse = () => {
      throw new RangeError('no');
    };
    tolerating([RangeError], 1, refuse);
    expect(() => tolerating([TypeError], 1, refuse)).toThrow('no');
  });

  it('must not make much more than it is', () => {
    const many = Array.from({ length: 100_000 }, () => 0);
    expect(() => tolerating([], 10, () => many)).toThrow(/more than \d+ values/);
    tolerating([], 10_000, () => many);
    const refuse = () => {
      throw new RangeError('n'.repeat(100_000));
    };
    expect(() => tolerating([RangeError], 10, refuse)).toThrow(/more than \d+ characters/);
  });
});
