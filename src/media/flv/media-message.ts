/** An audio (8), video (9) or data (18) message of the published stream. */
export interface MediaMessage {
  readonly kind: 'audio' | 'video' | 'data';
  /** As on the wire: milliseconds modulo 2^32. */
  readonly timestampMs: number;
  /**
   * The message body, one FLV tag body; of a data message, with the `@setDataFrame` that encoders put before it. Valid
   * only during the call that hands it over: its memory is used again.
   */
  readonly payload: Buffer;
}

/** The timestamp of an FLV tag: 24 bits, then the 8 above them. */
export function readTagTimestampMs(bytes: Buffer, at: number): number {
  return bytes.readUIntBE(at, 3) + bytes.readUInt8(at + 3) * 2 ** 24;
}
