/** Distinguished Encoding Rules (ITU-T X.690), as much of them as a certificate needs. */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** UTCTime has two digits for the year and means 1950 to 2049; RFC 5280, 4.1.2.5. */
const FIRST_GENERALIZED_YEAR = 2050;

export function sequence(...members: readonly Buffer[]): Buffer {
  return encode(TAG.sequence, Buffer.concat(members));
}

export function set(...members: readonly Buffer[]): Buffer {
  return encode(TAG.set, Buffer.concat(members));
}

/** A positive integer from its big-endian bytes. */
export function integer(magnitude: Buffer): Buffer {
  const first = magnitude.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.from([0]) : magnitude.subarray(first);
  const needsSign = (digits[0] ?? 0) >= 0x80;
  return encode(TAG.integer, needsSign ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

/** A dotted object identifier, e.g. `2.5.29.17`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return encode(TAG.objectIdentifier, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
}

export function utf8String(text: string): Buffer {
  return encode(TAG.utf8String, Buffer.from(text));
}

export function octetString(content: Buffer): Buffer {
  return encode(TAG.octetString, content);
}

/** `unusedBits` of the last byte do not count. */
export function bitString(content: Buffer, unusedBits = 0): Buffer {
  return encode(TAG.bitString, Buffer.concat([Buffer.from([unusedBits]), content]));
}

export function booleanTrue(): Buffer {
  return encode(TAG.boolean, Buffer.from([0xff]));
}

export function nothing(): Buffer {
  return encode(TAG.null, Buffer.alloc(0));
}

/** A point in time, in whole seconds. */
export function time(ms: number): Buffer {
  const date = new Date(ms);
  const digits = `${date.toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
  return date.getUTCFullYear() < FIRST_GENERALIZED_YEAR
    ? encode(TAG.utcTime, Buffer.from(digits.slice(2)))
    : encode(TAG.generalizedTime, Buffer.from(digits));
}

/** A context-specific tag: `constructed` around other values, otherwise in place of a primitive's own. */
export function contextTag(number: number, content: Buffer, constructed: boolean): Buffer {
  return encode((constructed ? 0xa0 : 0x80) | number, content);
}

function encode(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, ...encodeLength(content.length)]), content]);
}

function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

/** Seven bits per byte, all but the last with the top bit set. */
function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}
