import * as v from 'valibot';
import { text } from '../../base/schema.ts';

export const MAX_NAME_BYTES = 255;

/**
 * Names of applications and streams. Source: "Ingest and streaming URLs" page; the emulator also refuses characters
 * that a URL cannot carry.
 */
export function isStreamName(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) <= MAX_NAME_BYTES && !/[/?#&%\p{Cc}]/u.test(name);
}

const name = v.pipe(v.string('must be a text'), v.check(isStreamName, 'must be a name'));

/** A stored `StreamSource`. */
export const streamSource = v.looseObject({ kind: v.literal('stream'), domain: text, app: name, stream: name });
