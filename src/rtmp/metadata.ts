import { type Amf0Limits, type AmfObject, decodeAmf0, isAmfObject } from './amf0.ts';
import { RtmpProtocolError } from './protocol-error.ts';

/**
 * The properties of an `onMetaData` data message, with or without the `@setDataFrame` that encoders put before it (FLV
 * annex E.5 names the usual ones). Undefined for any other data message and for a malformed one.
 */
export function parseMetadata(payload: Buffer, limits: Amf0Limits): AmfObject | undefined {
  const values = decodeOrNothing(payload, limits);
  const [name, metadata] = values[0] === '@setDataFrame' ? values.slice(1) : values;
  return name === 'onMetaData' && metadata !== undefined && isAmfObject(metadata) ? metadata : undefined;
}

function decodeOrNothing(payload: Buffer, limits: Amf0Limits) {
  try {
    return decodeAmf0(payload, limits);
  } catch (error) {
    if (error instanceof RtmpProtocolError) return [];
    throw error;
  }
}
