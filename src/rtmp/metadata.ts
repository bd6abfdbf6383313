import { type Amf0Limits, type AmfObject, isAmfObject, readAmf0 } from './amf0.ts';

/**
 * The properties of an `onMetaData` data message, with or without the `@setDataFrame` that encoders put before it (FLV
 * annex E.5 names the usual ones), as far as they can be read. Undefined for any other data message.
 */
export function parseMetadata(payload: Buffer, limits: Amf0Limits): AmfObject | undefined {
  const { values } = readAmf0(payload, limits);
  const [name, metadata] = values[0] === '@setDataFrame' ? values.slice(1) : values;
  return name === 'onMetaData' && metadata !== undefined && isAmfObject(metadata) ? metadata : undefined;
}
