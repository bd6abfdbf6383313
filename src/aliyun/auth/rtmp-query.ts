/**
 * The parameters of an ingest URL. They are read here, once: what a signature is compared with is what the push then does,
 * however a name or a value was escaped, and wherever in the URL it was.
 */
import type { QueryParameter } from './signed-request.ts';

export interface RtmpParameter extends QueryParameter {
  /** As it was sent. */
  readonly raw: string;
}

/** Reads queries (without `?`). The first of several parameters with the same name counts, the others are left out. */
export function readRtmpQuery(...queries: readonly string[]): readonly RtmpParameter[] {
  const parameters = new Map<string, RtmpParameter>();
  for (const raw of queries.flatMap((query) => query.split('&'))) {
    if (raw === '') continue;
    const equals = raw.indexOf('=');
    const name = decodeOrKeep(equals < 0 ? raw : raw.slice(0, equals));
    const value = equals < 0 ? '' : decodeOrKeep(raw.slice(equals + 1));
    if (!parameters.has(name)) parameters.set(name, { name, value, hasEquals: equals >= 0, raw });
  }
  return [...parameters.values()];
}

/**
 * Percent-decodes; undefined when that gives no UTF-8. What is not an escape stays as it is, because OBS decodes the
 * name before it sends it. A `+` stays a plus: no SDK sends it for a space in an RTMP URL.
 */
export function decodeUrlText(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return undefined;
  }
}

function decodeOrKeep(text: string): string {
  return decodeUrlText(text) ?? text;
}
