import { expect, it } from 'vitest';
import { seededRandom } from '../../scripts/fuzz/mutate.ts';
import { FUZZ_TARGETS } from '../../scripts/fuzz/targets.ts';

/** A small part of `npm run fuzz`, which runs ten million inputs. */
const INPUTS = 3_000;

it.each(FUZZ_TARGETS)('$name survives malformed input', ({ run }) => {
  const random = seededRandom(7);
  for (let input = 0; input < INPUTS; input++) expect(() => run(random)).not.toThrow();
});
