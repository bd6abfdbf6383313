import type { MediaMessage } from './media-message.ts';
import { readTagTimestampMs } from './media-message.ts';

/** FLV files: Adobe Flash Video File Format 10.1, annex E.2 to E.4. */

const TAG_TYPE = { audio: 8, video: 9, script: 18 };
const SIGNATURE = 'FLV';
const MIN_HEADER_BYTES = 9;
const TAG_HEADER_BYTES = 11;
const PREVIOUS_TAG_SIZE_BYTES = 4;

/**
 * The tags of an FLV file in their order, each as the message that carries it over RTMP. Payloads are views of `file`. A
 * truncated last tag, as in a recording that was interrupted, is left out.
 *
 * @throws RangeError when the bytes are not an FLV file
 */
export function* readFlvTags(file: Buffer): Generator<MediaMessage, undefined> {
  if (file.length < MIN_HEADER_BYTES || file.toString('latin1', 0, 3) !== SIGNATURE) {
    throw new RangeError('not an FLV file: the signature is missing');
  }
  let at = file.readUInt32BE(5) + PREVIOUS_TAG_SIZE_BYTES;
  while (file.length - at >= TAG_HEADER_BYTES) {
    const bodyAt = at + TAG_HEADER_BYTES;
    const end = bodyAt + file.readUIntBE(at + 1, 3);
    if (end > file.length) return undefined;
    const kind = mediaKind(file.readUInt8(at) & 0x1f);
    if (kind) yield { kind, timestampMs: readTagTimestampMs(file, at + 4), payload: file.subarray(bodyAt, end) };
    at = end + PREVIOUS_TAG_SIZE_BYTES;
  }
}

function mediaKind(tagType: number): MediaMessage['kind'] | undefined {
  switch (tagType) {
    case TAG_TYPE.audio:
      return 'audio';
    case TAG_TYPE.video:
      return 'video';
    case TAG_TYPE.script:
      return 'data';
    default:
      return undefined;
  }
}
