import type { Resource } from '../aliyun/auth/signed-request.ts';
import type { HostReading } from '../aliyun/endpoint.ts';

/** Path and query of `request.url`, still percent-encoded. Scheme and authority of the absolute form are dropped. */
export function splitTarget(target: string): { rawPath: string; rawQuery: string } {
  const relative = target.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = relative.indexOf('?');
  const rawPath = mark < 0 ? relative : relative.slice(0, mark);
  return {
    rawPath: rawPath.startsWith('/') ? rawPath : '/',
    rawQuery: mark < 0 ? '' : relative.slice(mark + 1),
  };
}

/** Decodes a path; undefined when it has a bad escape, is not UTF-8, or holds a NUL. `+` is a plus. */
export function decodeHttpPath(rawPath: string): string | undefined {
  try {
    const path = decodeURIComponent(rawPath);
    return path.includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
}

/**
 * The possible readings of a decoded path, best first. The path is split after decoding, because Go, Python and C send
 * the slash of a key - C also the one after the bucket - as `%2F`.
 */
export function readResource(host: HostReading, path: string): readonly [Resource, ...Resource[]] {
  const inPath = splitFirst(path.slice(1));
  if (host.style === 'path') return [inPath];
  const inHost = { bucket: host.bucket, key: path.slice(1) };
  // ali-oss with `sldEnable` on an IP endpoint puts the bucket into both.
  return inPath.bucket === host.bucket ? [inHost, inPath] : [inHost];
}

function splitFirst(path: string): Resource {
  const slash = path.indexOf('/');
  return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}
