/**
 * The path of the emulator itself, on every host that names no bucket: the page, the control API, what is watched there. No name
 * of a bucket has an underscore, so it hides none.
 */
export const OWN_PREFIX = '/_emulator';

/** Whether a path, decoded, is that one or below it. */
export function isOwnPath(path: string): boolean {
  return path === OWN_PREFIX || path.startsWith(`${OWN_PREFIX}/`);
}
