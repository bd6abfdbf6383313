/** Whether a package could not be loaded because it, or one that it needs, is not installed. */
export function isMissingPackage(error: unknown): boolean {
  return hasErrorCode(error, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND');
}

/** Whether a thrown value is an error of Node with one of these codes, e.g. `ENOENT`. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}
