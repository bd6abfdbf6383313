/** Files that a person names. What is wrong with one is said in one sentence. */
import { readFileSync } from 'node:fs';
import { jsonProblem, repeatedKey } from './encoded-json.ts';
import { hasErrorCode } from './error-code.ts';
import { errorText } from './error-text.ts';
import { UsageError } from './errors.ts';

/**
 * Why a file cannot be read.
 *
 * @param purpose what it was named for, e.g. `--config`
 */
export function unreadable(path: string, purpose: string, error: unknown): UsageError {
  if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return new UsageError(`There is no file ${path} for ${purpose}.`);
  if (hasErrorCode(error, 'EISDIR')) return new UsageError(`${path} is a folder: name a file for ${purpose}.`);
  if (hasErrorCode(error, 'EACCES', 'EPERM')) {
    return new UsageError(`The file ${path} for ${purpose} cannot be read: the rights do not allow it.`);
  }
  return new UsageError(`The file ${path} for ${purpose} cannot be read: ${errorText(error)}.`);
}

/**
 * The value of a file of JSON.
 *
 * @param purpose as above
 * @throws UsageError when it cannot be read, is no JSON, or has a key twice in one object; the message repeats no value
 */
export function readJsonFile(path: string, purpose: string): unknown {
  // Editors of some systems begin a file with a byte order mark.
  const text = readText(path, purpose).replace(/^\ufeff/, '');
  const value = parseFile(text, path, purpose);
  const repeated = repeatedKey(text);
  if (repeated === undefined) return value;
  throw new UsageError(`The file ${path} for ${purpose} has the key "${repeated}" twice in one object: remove one.`);
}

function parseFile(text: string, path: string, purpose: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`The file ${path} for ${purpose} cannot be read as JSON: ${jsonProblem(text, error)}.`);
  }
}

function readText(path: string, purpose: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, purpose, error);
  }
}
