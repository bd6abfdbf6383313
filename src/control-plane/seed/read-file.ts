import { readJsonFile } from '../../base/named-file.ts';
import { readFields } from '../../base/schema.ts';
import { type Seed, seedSchema } from './seed.ts';

/** @throws UsageError when the file cannot be read, or is not a seed */
export function readSeedFile(path: string): Seed {
  return readFields(seedSchema, readJsonFile(path, 'the seed'), `The seed ${path}`);
}
