/**
 * What happens to a signed URL while people copy it: quotes and blanks around it, a slash behind it, `&amp;` for `&`, an
 * end at the first `&`. Only to explain a refusal: nothing that is found here makes a URL valid.
 */
import type { QueryParameter } from './signed-request.ts';

/** A text without what does not belong to it, and what that was, e.g. `a quote before`. */
export interface Trimmed {
  readonly text: string;
  readonly found: readonly string[];
}

const QUOTES = '"\'`´«»‘’‚‛“”„‟‹›＂';
const INVISIBLE = '\\s\\u200b-\\u200d\\u2060\\ufeff';
const FOREIGN = new RegExp(`[${INVISIBLE}${QUOTES}/\\\\<>()\\[\\]{},;]`);

export function trimPasted(text: string): Trimmed {
  let start = 0;
  while (start < text.length && FOREIGN.test(text.charAt(start))) start++;
  // An expression for the end would take the square of the time: anybody may send a long text.
  let end = text.length;
  while (end > start && FOREIGN.test(text.charAt(end - 1))) end--;
  return {
    text: text.slice(start, end),
    found: [...named(text.slice(0, start), 'before'), ...named(text.slice(end), 'behind')],
  };
}

/** The same for the base64 text of an HMAC-SHA1, which can begin with a slash, and ends with `=`. */
export function trimSignature(text: string): Trimmed {
  const match = /[A-Za-z0-9+/ ]{27}=/.exec(text);
  if (!match) return { text, found: [] };
  const before = text.slice(0, match.index);
  const behind = text.slice(match.index + match[0].length);
  return { text: match[0], found: [...named(before, 'before'), ...named(behind, 'behind')] };
}

/** One sentence on why the URL has no parameter of this name; undefined when it does not show. */
export function whyMissing(query: readonly QueryParameter[], name: string, channel: string): string | undefined {
  if (query.some((parameter) => parameter.name.startsWith('amp;'))) {
    return 'The URL has "&amp;" in place of "&": it was copied from HTML or XML.';
  }
  const meant = query.find(
    (parameter) => trimPasted(parameter.name).text.replace(/^\?+/, '').toLowerCase() === name.toLowerCase(),
  );
  if (meant && meant.name !== name) return `The URL has "${meant.name}" in place of "${name}".`;
  const [separator] = new RegExp(`[?&](?=${name}=)`).exec(channel) ?? [];
  if (separator === '&') return 'The channel name is followed by "&" in place of "?".';
  if (separator === '?') return 'The "?" behind the channel name is percent-encoded.';
  const [separatorInValue] = query.flatMap(({ value }) => new RegExp(`[?&;,|\\s](?=${name}=)`).exec(value) ?? []);
  if (separatorInValue === '&') return 'A "&" between the parameters is percent-encoded.';
  if (separatorInValue) return `The parameters are separated by "${separatorInValue}" in place of "&".`;
  if (query.length === 1) {
    return `Only ${query[0]?.name} arrived: a shell cuts a URL without quotes at its first "&".`;
  }
  return query.length === 0 ? 'The URL is not signed.' : undefined;
}

function named(foreign: string, where: string): readonly string[] {
  const [character] = foreign;
  return character === undefined ? [] : [`${nameOf(character)} ${where}`];
}

function nameOf(character: string): string {
  if (new RegExp(`[${INVISIBLE}]`).test(character)) return 'a blank';
  if (QUOTES.includes(character)) return 'a quote';
  return character === '/' ? 'a slash' : `"${character}"`;
}
