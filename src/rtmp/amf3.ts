import { RtmpProtocolError } from './protocol-error.ts';

/**
 * The part of AMF 3 that stands for itself: simple values, without references to earlier ones. Markers and the variable
 * length integer as in the AMF 3 specification (amf-file-format-spec.pdf), sections 1.3.1 and 3.
 */

export type Amf3Scalar = number | string | boolean | null | undefined;

/** A value, and where the next one begins. */
export interface Amf3Reading {
  readonly value: Amf3Scalar;
  readonly end: number;
}

const UNDEFINED = 0x00;
const NULL = 0x01;
const FALSE = 0x02;
const TRUE = 0x03;
const INTEGER = 0x04;
const DOUBLE = 0x05;
const STRING = 0x06;

/**
 * Reads the simple value at `at`.
 *
 * @throws RtmpProtocolError when it is cut short, of another kind, or a string longer than `maxStringBytes`
 */
export function readAmf3Scalar(bytes: Buffer, at: number, maxStringBytes: number): Amf3Reading {
  requireBytes(bytes, at, 1);
  const marker = bytes.readUInt8(at);
  const start = at + 1;
  switch (marker) {
    case UNDEFINED:
      return { value: undefined, end: start };
    case NULL:
      return { value: null, end: start };
    case FALSE:
      return { value: false, end: start };
    case TRUE:
      return { value: true, end: start };
    case INTEGER: {
      const { value, end } = readU29(bytes, start);
      // 29 bits with a sign.
      return { value: (value << 3) >> 3, end };
    }
    case DOUBLE:
      requireBytes(bytes, start, 8);
      return { value: bytes.readDoubleBE(start), end: start + 8 };
    case STRING:
      return readInlineString(bytes, start, maxStringBytes);
    default:
      throw new RtmpProtocolError(`AMF3 marker 0x${marker.toString(16)} is not supported`);
  }
}

function readInlineString(bytes: Buffer, at: number, maxStringBytes: number): Amf3Reading {
  const { value: header, end: start } = readU29(bytes, at);
  if ((header & 1) === 0) throw new RtmpProtocolError('AMF3 references are not supported');
  const sizeBytes = header >> 1;
  if (sizeBytes > maxStringBytes) {
    throw new RtmpProtocolError(`AMF3 string of ${sizeBytes} bytes exceeds ${maxStringBytes}`);
  }
  requireBytes(bytes, start, sizeBytes);
  return { value: bytes.toString('utf8', start, start + sizeBytes), end: start + sizeBytes };
}

/** Seven bits in each of the first three bytes, eight in the fourth; the top bit says that another byte follows. */
function readU29(bytes: Buffer, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let end = at + 1; ; end++) {
    requireBytes(bytes, end - 1, 1);
    const byte = bytes.readUInt8(end - 1);
    if (end === at + 4) return { value: (value << 8) | byte, end };
    value = (value << 7) | (byte & 0x7f);
    if (byte < 0x80) return { value, end };
  }
}

function requireBytes(bytes: Buffer, at: number, sizeBytes: number): void {
  if (bytes.length - at < sizeBytes) throw new RtmpProtocolError('AMF3 value is cut short');
}
