import { errorText } from './error-text.ts';

/** The value of a JSON text; undefined, which no JSON means, when it is something else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The members of a JSON object; undefined when the text is no JSON, or JSON of another kind. */
export function parseJsonObject(text: string): ReadonlyMap<string, unknown> | undefined {
  return jsonMembers(parseJson(text));
}

/** The members of a value that JSON.parse gave, if it is an object. */
export function jsonMembers(value: unknown): ReadonlyMap<string, unknown> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? new Map<string, unknown>(Object.entries(value)) : undefined;
}

/** Where a text of JSON begins or ends, what is escaped in it, and where an object begins or ends. */
const MARK = /\\.|["{}]/g;

/** A key that one object of a valid JSON text has twice, of which JSON.parse takes the last. */
export function repeatedKey(json: string): string | undefined {
  const colon = /\s*:/y;
  const open: Set<string>[] = [];
  /** Of the text that a mark is in. One expression for a whole text would fail for one of many megabytes. */
  let textAt: number | undefined;
  for (const { 0: mark, index } of json.matchAll(MARK)) {
    if (mark === '"') {
      colon.lastIndex = index + 1;
      if (textAt !== undefined && colon.test(json)) {
        const key: string = JSON.parse(json.slice(textAt, index + 1));
        const keys = open.at(-1);
        if (keys?.has(key)) return key;
        keys?.add(key);
      }
      textAt = textAt === undefined ? index : undefined;
    } else if (textAt === undefined) {
      if (mark === '{') open.push(new Set());
      if (mark === '}') open.pop();
    }
  }
  return undefined;
}

/** How much of the text V8 repeats before the character that it did not expect. */
const V8_CONTEXT_CHARS = 10;

/**
 * What JSON.parse has refused, and in which line. V8 repeats a part of the text in some messages, in which a secret may be:
 * `Unexpected token 'h', ..."ySecret": hunter2}" is not valid JSON`.
 */
export function jsonProblem(text: string, error: unknown): string {
  const message = errorText(error);
  const [, problem = '', before, context = ''] =
    /^(Unexpected token .+?), (\.\.\.)?"(.*?)"(?:\.\.\.)? is not valid JSON$/su.exec(message) ?? [];
  if (problem !== '') {
    return `${problem} in line ${lineAt(text, text.indexOf(context) + (before ? V8_CONTEXT_CHARS : 0))}`;
  }
  const [, named = '', position] = /^([^"]+?) (?:in JSON )?at position (\d+)\b/.exec(message) ?? [];
  if (named !== '') return `${named} in line ${lineAt(text, Number(position))}`;
  return message.includes('"') ? 'it is not valid' : message;
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** The bytes of a base64 text; undefined when it has other characters, or a length that no bytes have. */
export function decodeBase64(text: string): Buffer | undefined {
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1;
  return isBase64 ? Buffer.from(text, 'base64') : undefined;
}

/** UTF-8 as text; undefined when the bytes are something else. */
export function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
