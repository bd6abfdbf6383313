import { readAmf3Scalar } from './amf3.ts';
import { RtmpProtocolError } from './protocol-error.ts';

/**
 * AMF 0, the encoding of RTMP commands and metadata. Names and numbers of the markers as in the Action Message Format
 * specification (amf0-file-format-specification.pdf), section 2.
 */

export type AmfValue = number | string | boolean | null | undefined | Date | readonly AmfValue[] | AmfObject;

/** An object, a typed object or an ECMA array. Decoded ones have no prototype, because the peer chooses the names. */
export interface AmfObject {
  readonly [name: string]: AmfValue;
}

/** What could be read of a message body. */
export interface Amf0Reading {
  /** In order. The last one may be an object without its last properties. */
  readonly values: readonly AmfValue[];
  /** Why the bytes behind them could not be read; undefined when there are none. */
  readonly problem: string | undefined;
}

/** Bounds for one decoded message. */
export interface Amf0Limits {
  /** Objects and arrays inside each other. */
  readonly maxDepth: number;
  /** Values of the whole message, counted at every depth. */
  readonly maxValues: number;
  /** Length of any string or property name. */
  readonly maxStringBytes: number;
}

const NUMBER = 0x00;
const BOOLEAN = 0x01;
const STRING = 0x02;
const OBJECT = 0x03;
const NULL = 0x05;
const UNDEFINED = 0x06;
const REFERENCE = 0x07;
const ECMA_ARRAY = 0x08;
const OBJECT_END = 0x09;
const STRICT_ARRAY = 0x0a;
const DATE = 0x0b;
const LONG_STRING = 0x0c;
const UNSUPPORTED = 0x0d;
const XML_DOCUMENT = 0x0f;
const TYPED_OBJECT = 0x10;
/** One value of AMF 3 follows. */
const AVMPLUS_OBJECT = 0x11;

/**
 * Reads the values of a message body, up to the first one that is malformed, exceeds a limit or is not supported: movie
 * clips, record sets and the complex values of AMF 3. References are read as undefined; no encoder needs their objects.
 */
export function readAmf0(bytes: Buffer, limits: Amf0Limits): Amf0Reading {
  const cursor: Cursor = { bytes, at: 0, valuesLeft: limits.maxValues, limits, openObject: undefined };
  const values: AmfValue[] = [];
  try {
    while (cursor.at < bytes.length) values.push(decodeValue(cursor, 0));
  } catch (error) {
    if (!(error instanceof RtmpProtocolError)) throw error;
    if (cursor.openObject) values.push(cursor.openObject);
    return { values, problem: error.message };
  }
  return { values, problem: undefined };
}

/** Encodes values one after the other, arrays as strict arrays. */
export function encodeAmf0(values: readonly AmfValue[]): Buffer {
  return Buffer.concat(values.map(encodeValue));
}

/** A decoded value that has named properties, as opposed to a scalar, a date or a strict array. */
export function isAmfObject(value: AmfValue): value is AmfObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

interface Cursor {
  readonly bytes: Buffer;
  readonly limits: Amf0Limits;
  at: number;
  valuesLeft: number;
  /** The object, not within another value, of which the end was not read yet. */
  openObject: AmfObject | undefined;
}

/** Moves past `sizeBytes` bytes and returns where they begin. */
function take(cursor: Cursor, sizeBytes: number): number {
  const at = cursor.at;
  if (cursor.bytes.length - at < sizeBytes) throw new RtmpProtocolError('AMF0 value is cut short');
  cursor.at = at + sizeBytes;
  return at;
}

function decodeValue(cursor: Cursor, depth: number): AmfValue {
  if (depth > cursor.limits.maxDepth) throw new RtmpProtocolError(`AMF0 nested deeper than ${cursor.limits.maxDepth}`);
  if (--cursor.valuesLeft < 0) throw new RtmpProtocolError(`AMF0 has more than ${cursor.limits.maxValues} values`);
  const { bytes } = cursor;
  const marker = bytes.readUInt8(take(cursor, 1));
  switch (marker) {
    case NUMBER:
      return bytes.readDoubleBE(take(cursor, 8));
    case BOOLEAN:
      return bytes.readUInt8(take(cursor, 1)) !== 0;
    case STRING:
      return decodeString(cursor, bytes.readUInt16BE(take(cursor, 2)));
    case LONG_STRING:
    case XML_DOCUMENT:
      return decodeString(cursor, bytes.readUInt32BE(take(cursor, 4)));
    case NULL:
      return null;
    case UNDEFINED:
    case UNSUPPORTED:
      return undefined;
    case OBJECT:
      return decodeProperties(cursor, depth);
    case TYPED_OBJECT:
      decodeName(cursor);
      return decodeProperties(cursor, depth);
    case ECMA_ARRAY:
      // The count is a hint: encoders write 0 or a wrong number, and the end marker always follows.
      take(cursor, 4);
      return decodeProperties(cursor, depth);
    case STRICT_ARRAY:
      return decodeStrictArray(cursor, depth);
    case DATE:
      return decodeDate(cursor);
    case REFERENCE:
      take(cursor, 2);
      return undefined;
    case AVMPLUS_OBJECT:
      return decodeAmf3(cursor);
    default:
      throw new RtmpProtocolError(`AMF0 marker 0x${marker.toString(16)} is not supported`);
  }
}

function decodeString(cursor: Cursor, sizeBytes: number): string {
  if (sizeBytes > cursor.limits.maxStringBytes) {
    throw new RtmpProtocolError(`AMF0 string of ${sizeBytes} bytes exceeds ${cursor.limits.maxStringBytes}`);
  }
  const start = take(cursor, sizeBytes);
  return cursor.bytes.toString('utf8', start, start + sizeBytes);
}

function decodeName(cursor: Cursor): string {
  return decodeString(cursor, cursor.bytes.readUInt16BE(take(cursor, 2)));
}

function decodeProperties(cursor: Cursor, depth: number): AmfObject {
  const object: Record<string, AmfValue> = Object.create(null);
  if (depth === 0) cursor.openObject = object;
  for (;;) {
    const name = decodeName(cursor);
    if (name === '' && cursor.bytes[cursor.at] === OBJECT_END) {
      cursor.at++;
      if (depth === 0) cursor.openObject = undefined;
      return object;
    }
    object[name] = decodeValue(cursor, depth + 1);
  }
}

function decodeStrictArray(cursor: Cursor, depth: number): AmfValue[] {
  const count = cursor.bytes.readUInt32BE(take(cursor, 4));
  // Checked before the loop, which otherwise runs until the bytes or the value limit end it.
  if (count > cursor.valuesLeft || count > cursor.bytes.length - cursor.at) {
    throw new RtmpProtocolError(`AMF0 array claims ${count} elements`);
  }
  const array: AmfValue[] = [];
  for (let index = 0; index < count; index++) array.push(decodeValue(cursor, depth + 1));
  return array;
}

function decodeDate(cursor: Cursor): Date {
  const date = new Date(cursor.bytes.readDoubleBE(take(cursor, 8)));
  take(cursor, 2); // time zone: "reserved, should be set to 0x0000"
  return date;
}

function decodeAmf3(cursor: Cursor): AmfValue {
  const { value, end } = readAmf3Scalar(cursor.bytes, cursor.at, cursor.limits.maxStringBytes);
  cursor.at = end;
  return value;
}

function encodeValue(value: AmfValue): Buffer {
  if (value === null) return Buffer.of(NULL);
  if (value === undefined) return Buffer.of(UNDEFINED);
  if (typeof value === 'number') return withDouble(NUMBER, value, 9);
  if (typeof value === 'boolean') return Buffer.of(BOOLEAN, value ? 1 : 0);
  if (typeof value === 'string') return encodeString(value);
  if (value instanceof Date) return withDouble(DATE, value.getTime(), 11);
  if (!isAmfObject(value)) return encodeStrictArray(value);
  const parts: Buffer[] = [Buffer.of(OBJECT)];
  for (const [name, property] of Object.entries(value)) parts.push(encodeName(name), encodeValue(property));
  parts.push(Buffer.of(0, 0, OBJECT_END));
  return Buffer.concat(parts);
}

function withDouble(marker: number, value: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeUInt8(marker, 0);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function encodeString(value: string): Buffer {
  const text = Buffer.from(value);
  const short = text.length <= 0xffff;
  const header = Buffer.alloc(short ? 3 : 5);
  header.writeUInt8(short ? STRING : LONG_STRING, 0);
  header.writeUIntBE(text.length, 1, short ? 2 : 4);
  return Buffer.concat([header, text]);
}

function encodeName(name: string): Buffer {
  const text = Buffer.from(name);
  if (text.length > 0xffff) throw new RangeError('An AMF0 property name holds at most 65535 bytes');
  const header = Buffer.alloc(2);
  header.writeUInt16BE(text.length, 0);
  return Buffer.concat([header, text]);
}

function encodeStrictArray(values: readonly AmfValue[]): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(STRICT_ARRAY, 0);
  header.writeUInt32BE(values.length, 1);
  return Buffer.concat([header, encodeAmf0(values)]);
}
