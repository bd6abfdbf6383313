/** An audio (8), video (9) or data (18) message of the published stream. */
export interface MediaMessage {
  readonly kind: 'audio' | 'video' | 'data';
  /** As on the wire: milliseconds modulo 2^32. */
  readonly timestampMs: number;
  /**
   * The message body, one FLV tag body; in a data message it includes the `@setDataFrame` that encoders put first. Valid
   * only during the call that passes it: its memory is used again.
   */
  readonly payload: Buffer;
}

/** The timestamp of an FLV tag: the lower 24 bits, then the upper 8. */
export function readTagTimestampMs(bytes: Buffer, at: number): number {
  return bytes.readUIntBE(at, 3) + bytes.readUInt8(at + 3) * 2 ** 24;
}
