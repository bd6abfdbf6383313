/**
 * Whether a thrown value is an error, with one of these names if any are given, e.g. `RangeError`. In a context of its own, as Jest
 * has one for each file of tests, the errors of Node and of SQLite are no instances of its `Error`.
 */
export function isError(value: unknown, ...names: readonly string[]): value is Error {
  if (typeof value !== 'object' || value === null || !('message' in value) || !('name' in value)) return false;
  return typeof value.message === 'string' && (names.length === 0 || names.some((name) => name === value.name));
}

/** Whether a package could not be loaded because it, or one that it needs, is not installed. */
export function isMissingPackage(error: unknown): boolean {
  return hasErrorCode(error, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND');
}

/** Whether a thrown value is an error of Node with one of these codes, e.g. `ENOENT`. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return isError(error) && 'code' in error && codes.some((code) => code === error.code);
}
