/** Whether a package could not be loaded because it, or one that it needs, is not installed. */
export function isMissingPackage(error: unknown): boolean {
  return hasErrorCode(error, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND');
}

/**
 * Whether a thrown value is an error of Node with one of these codes, e.g. `ENOENT`. In a context of its own, as Jest has one for
 * each file of tests, Node's errors are no instances of `Error`.
 */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.some((code) => code === error.code);
}
