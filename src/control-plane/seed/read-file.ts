import { readFileSync } from 'node:fs';
import { errorText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { readFields } from '../../base/schema.ts';
import { type Seed, seedSchema } from './seed.ts';

/** @throws UsageError when the file cannot be read, or is not a seed */
export function readSeedFile(path: string): Seed {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`The seed ${path} cannot be read as JSON: ${errorText(error)}`);
  }
  return readFields(seedSchema, parsed, `The seed ${path}`);
}
