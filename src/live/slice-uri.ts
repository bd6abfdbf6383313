/**
 * URIs of slices in a manifest of the same bucket: relative to the manifest's folder, with `../` as needed, because that
 * holds in path style and virtual-host style alike.
 *
 * @param key of the manifest
 * @returns the URI of a slice given as `bucket/key`, whose bucket is the manifest's
 */
export function relativeUri(key: string): (path: string) => string {
  const from = key.split('/').slice(0, -1);
  const folders = new Map<string, string>();
  return (path) => {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, slash);
    const known = folders.get(folder);
    const prefix = known ?? folderUri(from, folder.split('/').slice(1));
    if (known === undefined) folders.set(folder, prefix);
    return prefix + encodeURIComponent(path.slice(slash + 1));
  };
}

function folderUri(from: readonly string[], to: readonly string[]): string {
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
  const down = to.slice(shared).map((segment) => `${encodeURIComponent(segment)}/`);
  return '../'.repeat(from.length - shared) + down.join('');
}
