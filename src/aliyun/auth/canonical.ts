/** Parts of canonical requests that several schemes write in the same way. */
import type { QueryParameter, Resource } from './signed-request.ts';

/** Percent-encodes every byte of the UTF-8 text but `A-Za-z0-9-._~`, in upper-case hex. */
export function percentEncode(text: string): string {
  // Most names and values have nothing to encode.
  if (/^[\w.~-]*$/.test(text)) return text;
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same with the slashes of a path left as they are. */
export function percentEncodePath(path: string): string {
  // Most keys have nothing to encode.
  if (/^[\w.~/-]*$/.test(path)) return path;
  return percentEncode(path).replaceAll('%2F', '/');
}

/** What a text was before it was percent-encoded a second time; the text itself when it was not. Only to explain a refusal. */
export function percentDecodeAgain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `/` for the service, `/bucket/` for a bucket, `/bucket/key` for an object, in every style of URL. */
export function resourcePath({ bucket, key }: Resource): string {
  return bucket === '' ? `/${key}` : `/${bucket}/${key}`;
}

/** `name:value\n` for every header that `isSigned` picks, sorted by name. */
export function headerLines(headers: ReadonlyMap<string, string>, isSigned: (name: string) => boolean): string {
  return [...headers.keys()]
    .filter(isSigned)
    .sort()
    .map((name) => `${name}:${headerText(headers, name).trim()}\n`)
    .join('');
}

/**
 * A header's value as the text the client signed, empty when absent. Node gives headers with one character per
 * byte; clients sign the UTF-8 text that these bytes encode.
 */
export function headerText(headers: ReadonlyMap<string, string>, name: string): string {
  const value = headers.get(name) ?? '';
  return /[\x80-\xff]/.test(value) ? Buffer.from(value, 'latin1').toString() : value;
}

export function isOssHeader(name: string): boolean {
  return name.startsWith('x-oss-');
}

/** Names of additional signed headers (`host;user-agent`), lower-case and sorted. */
export function parseHeaderNames(text: string): ReadonlySet<string> {
  const names = text.split(';').map((name) => name.trim().toLowerCase());
  return new Set(names.filter((name) => name !== '').sort());
}

/**
 * Encoded `name=value` pairs sorted by encoded name and joined by `&`; a name alone where the value is empty, unless
 * `keepsEquals` says that this client signs `name=`.
 */
export function canonicalQuery(
  query: readonly QueryParameter[],
  keepsEquals: (parameter: QueryParameter) => boolean = () => false,
): string {
  return query
    .map((parameter) => {
      const name = percentEncode(parameter.name);
      const bare = parameter.value === '' && !keepsEquals(parameter);
      return { name, text: bare ? name : `${name}=${percentEncode(parameter.value)}` };
    })
    .sort((a, b) => compareText(a.name, b.name))
    .map((pair) => pair.text)
    .join('&');
}

/** By UTF-16 unit, which for the ASCII names of headers and encoded parameters is the order of their bytes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
