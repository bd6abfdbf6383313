/** What the emulators of one test file wrote for people and other programs, and the secrets that must not be in it. */

/** A shorter secret of a test would be found by chance. */
const MIN_SECRET_CHARS = 12;
/** How much text of a leak the failure shows. */
const SHOWN_CHARS = 80;

const texts: string[] = [];
const secrets = new Set<string>();
/** Access key ids are no secrets, also where a test uses one as a secret. */
const harmless = new Set<string>(['emulator-ak']);

/** A log line, an event, a request to another server, an error document. */
export function noteText(text: string): void {
  texts.push(text);
}

export function noteSecret(secret: string | undefined): void {
  if (secret !== undefined && secret.length >= MIN_SECRET_CHARS) secrets.add(secret);
}

export function noteHarmless(text: string): void {
  harmless.add(text);
}

/** The leaks so far, each with the text around it. Forgets texts and secrets. */
export function takeLeaks(): readonly string[] {
  const found = new Set<string>();
  const rare = [...secrets].filter((secret) => !isFixedForm(secret) && !harmless.has(secret));
  for (const text of texts) {
    for (const reading of readingsOf(text)) {
      for (const secret of rare) if (reading.includes(secret)) found.add(excerpt(reading, reading.indexOf(secret)));
      for (const { index, candidate } of candidatesIn(reading)) {
        if (secrets.has(candidate) && !harmless.has(candidate)) found.add(excerpt(reading, index));
      }
      const named = NAMED_SECRET.exec(reading);
      if (named) found.add(excerpt(reading, named.index));
    }
  }
  texts.length = 0;
  secrets.clear();
  return [...found];
}

/** HMACs in hexadecimal digits, and names of addresses of rooms: there may be thousands. */
const FIXED_FORMS = [/[0-9a-f]{32,}/g, /H4sI[\w-]{12,}/g];
/** HMACs in Base64, with the `=` at their end. A path before one would be part of the run: a slash is a character of Base64. */
const BASE64_LENGTHS = [28, 44];
const BASE64 = /^[A-Za-z0-9+/]+=$/;

/** What nobody registered, e.g. a signature that a test made itself, by the name in front of it. */
const NAMED_SECRET = /(?:signature|security-?token|auth_key|accesskeysecret)["']?[=:]\s*["']?(?!\*\*\*)[\w+/%=-]{16,}/i;

function isFixedForm(secret: string): boolean {
  return [...candidatesIn(secret)].some(({ candidate }) => candidate === secret);
}

function* candidatesIn(text: string): Generator<{ readonly index: number; readonly candidate: string }> {
  for (const form of FIXED_FORMS) for (const { 0: candidate, index } of text.matchAll(form)) yield { index, candidate };
  for (let end = text.indexOf('='); end >= 0; end = text.indexOf('=', end + 1)) {
    for (const length of BASE64_LENGTHS) {
      const index = end + 1 - length;
      const candidate = text.slice(Math.max(0, index), end + 1);
      if (index >= 0 && BASE64.test(candidate)) yield { index, candidate };
    }
  }
}

/** The text as it is, and what is within its percent-encodings. */
function readingsOf(text: string): readonly string[] {
  const readings = [text];
  for (let last = text; last.includes('%') && readings.length < 3; ) {
    last = last.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString());
    readings.push(last);
  }
  return readings;
}

function excerpt(text: string, index: number): string {
  return `... ${text.slice(Math.max(0, index - SHOWN_CHARS), index + SHOWN_CHARS)} ...`;
}
