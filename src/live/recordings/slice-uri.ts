import type { TextBytes } from '../../base/text-bytes.ts';

/** Texts that `encodeURIComponent` does not change; the test takes a quarter of the time. */
const PLAIN = /^[\w.!~*'()-]*$/;

/**
 * URIs of slices in a manifest of the same bucket: relative to the manifest's folder, with `../` as needed, because
 * that holds in path style and virtual-host style alike.
 *
 * @param key of the manifest
 * @returns writes the URI of a slice given as `bucket/key`, whose bucket is the manifest's
 */
export function relativeUri(key: string): (text: TextBytes, path: string) => void {
  const from = key.split('/').slice(0, -1);
  // Consecutive slices are nearly always in the same folder.
  let folder = '';
  let prefix = '';
  return (text, path) => {
    const nameAt = path.lastIndexOf('/') + 1;
    if (nameAt !== folder.length || !path.startsWith(folder)) {
      folder = path.slice(0, nameAt);
      prefix = folderUri(from, folder.split('/').slice(1, -1));
    }
    const name = path.slice(nameAt);
    text.append(prefix);
    text.append(PLAIN.test(name) ? name : encodeURIComponent(name));
  };
}

function folderUri(from: readonly string[], to: readonly string[]): string {
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
  const down = to.slice(shared).map((segment) => `${encodeURIComponent(segment)}/`);
  return '../'.repeat(from.length - shared) + down.join('');
}
