/**
 * Texts that people and programs read later must hold no signature, no token and no key secret. Such texts often repeat what
 * a client sent (an address, a string to sign, a header), so secrets are recognized by the name before them, or by their
 * form. What names of parameters may be shown at all is a shorter list: aliyun/auth/shown-target.ts.
 */

/** In place of a secret. */
export const HIDDEN = '***';

/** In any spelling: `Signature`, `x-oss-signature`, `security-token`, `SecurityToken`, `auth_key`, `accessKeySecret` ... */
const SECRET_NAME =
  /(?:signature|security[-_]?token|secret|auth[-_]?key|password|(?<!continuation)(?:^|[^a-z])token)$/i;

/**
 * `name=value`; the name may be percent-encoded. It begins where a name can begin: looked for from every character on, a
 * long text without an equals sign would take the square of its length.
 */
const PAIR = /(?<=^|[\s?&=:;,"'<>(){}[\]])([^\s?&=:;,"'<>(){}[\]]+)=(["']?)([^\s&"'<>]+)/g;
/** `name: value` of headers, JSON and strings to sign, and `"$name", "value"` of policies. */
const NAMED = /((?:signature|security[-_]?token|secret|auth[-_]?key|password)["']?\s*[:,]\s*["']?)[^\s"'&<>,]+/gi;
/** Within a value that is itself percent-encoded, once or more: `SecurityToken%3D...%26`, `%3Ftoken%3D...`. */
const ENCODED =
  /((?:signature|security[-_]?token|secret|auth[-_]?key|password|(?<=^|[^a-z-]|%(?:25)*3F)token)(%(?:25)*)3[AD])(?:(?!\2(?:26|0A))[^\s&"'<>])+/gi;
/** Credentials in a header: `Authorization: OSS id:signature`, `MNS id:signature`, `Basic ...`, `Bearer ...`. */
const SCHEME = /\b((?:OSS|MNS|acs|AWS) [\w.-]+:|(?:Basic|Bearer) )[\w+/=.~-]{8,}/gi;
/** `rtmp://user:password@host`. */
const USER_INFO = /(:\/\/)[^\s/@"'<>]+@/g;
/** A name of a room's address, by which its user can be watched: base64 of gzip (live/rooms/token.ts). */
const ROOM_TOKEN = /H4sI[\w-]{12,}/g;
/** A token of STS. */
const STS_TOKEN = /CAIS[\w+/=%-]{16,}/g;
/** A policy or a callback in base64. Looked for from its first character only, as in `PAIR`: every path of a request is read. */
const BASE64 = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40,}={0,2}/g;

/** The shortest secret that is worth to be looked for, with its name. */
const MIN_CHARS = 12;

/** The text with `***` in place of every secret that can be recognized. */
export function redact(text: string): string {
  if (text.length < MIN_CHARS) return text;
  let shown = text;
  if (shown.includes('=')) shown = shown.replace(PAIR, hidePair);
  if (/[:,]/.test(shown)) shown = shown.replace(NAMED, `$1${HIDDEN}`).replace(SCHEME, `$1${HIDDEN}`);
  if (shown.includes('%')) shown = shown.replace(ENCODED, `$1${HIDDEN}`);
  if (shown.includes('@')) shown = shown.replace(USER_INFO, `$1${HIDDEN}@`);
  if (/H4sI|CAIS/.test(shown)) shown = shown.replace(ROOM_TOKEN, HIDDEN).replace(STS_TOKEN, HIDDEN);
  return shown.length < 40 ? shown : shown.replace(BASE64, hideEncoded);
}

/** Whether a parameter of this name, which may be percent-encoded, has a secret as its value. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(decoded(name));
}

/** One word, as a host is, perhaps with a scheme before it and a port after it. */
const PLAIN_ADDRESS = /^(?:[a-z][a-z\d+.-]*:\/\/)?(?:[\w.-]+|\[[\da-f:.]*\])?(?::\d{1,5})?\/*$/i;

/**
 * Whether a text that was given for a URL may have a secret in it. The parts of what is no URL cannot be told apart, so a plain
 * address is all that is known to have none: a password, a query, or a path, which many receivers of calls keep secret, may be in
 * everything else.
 */
export function mayHaveSecret(text: string): boolean {
  return !PLAIN_ADDRESS.test(text);
}

function hidePair(pair: string, name: string, quote: string): string {
  return isSecretName(name) ? `${name}=${quote}${HIDDEN}` : pair;
}

/** Base64 of a text that has a secret in it is hidden as a whole. */
function hideEncoded(text: string): string {
  const content = Buffer.from(text, 'base64').toString('latin1');
  return redactPlain(content) === content ? text : HIDDEN;
}

function redactPlain(text: string): string {
  return text.replace(PAIR, hidePair).replace(NAMED, HIDDEN).replace(ROOM_TOKEN, HIDDEN).replace(STS_TOKEN, HIDDEN);
}

/** Some clients encode twice. */
function decoded(name: string): string {
  if (!name.includes('%')) return name;
  try {
    return decodeURIComponent(decodeURIComponent(name));
  } catch {
    return name;
  }
}
