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
