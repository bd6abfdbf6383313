import { readTagTimestampMs } from '../media/flv/media-message.ts';
import type { OutgoingMessage, RtmpMessage } from './chunks.ts';
import type { OnSkipped } from './skipped-messages.ts';

/** Message types and the bodies of the control messages: RTMP 1.0, clauses 5.4, 6.2 and 7.1. */
export const MESSAGE_TYPE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAcknowledgementSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  dataAmf0: 18,
  commandAmf0: 20,
  aggregate: 22,
} as const;

/** Event types of user control messages, clause 7.1.7. */
export const USER_CONTROL_EVENT = { streamBegin: 0, setBufferLength: 3, pingRequest: 6, pingResponse: 7 } as const;

const CONTROL_CHUNK_STREAM = 2;
/** Limit type of Set Peer Bandwidth: as it was before, hard or soft. Clause 5.4.5. */
const DYNAMIC_LIMIT = 2;
const TAG_HEADER_BYTES = 11;
const BACK_POINTER_BYTES = 4;

export function setChunkSize(sizeBytes: number): OutgoingMessage {
  return controlMessage(MESSAGE_TYPE.setChunkSize, uint32(sizeBytes));
}

export function acknowledgement(receivedBytes: number): OutgoingMessage {
  return controlMessage(MESSAGE_TYPE.acknowledgement, uint32(receivedBytes % 2 ** 32));
}

export function windowAcknowledgementSize(sizeBytes: number): OutgoingMessage {
  return controlMessage(MESSAGE_TYPE.windowAcknowledgementSize, uint32(sizeBytes));
}

export function setPeerBandwidth(sizeBytes: number): OutgoingMessage {
  return controlMessage(MESSAGE_TYPE.setPeerBandwidth, Buffer.concat([uint32(sizeBytes), Buffer.of(DYNAMIC_LIMIT)]));
}

export function userControl(eventType: number, value: number): OutgoingMessage {
  return controlMessage(MESSAGE_TYPE.userControl, Buffer.concat([Buffer.of(0, eventType), uint32(value)]));
}

/** The four-byte number at the head of a control message; undefined when the message is too short. */
export function readControlValue({ payload }: RtmpMessage): number | undefined {
  return payload.length < 4 ? undefined : payload.readUInt32BE(0);
}

/**
 * The messages of an aggregate (clause 7.1.6): FLV tags, whose timestamps are moved so that the first one has the
 * timestamp of the aggregate. One at a time, since a large aggregate may hold a million empty ones. Tags that are not of
 * audio, video or data are skipped, and so is what follows the last complete tag.
 */
export function* splitAggregate(aggregate: RtmpMessage, onSkipped: OnSkipped): Generator<RtmpMessage, undefined> {
  const { payload, messageStreamId } = aggregate;
  let offsetMs: number | undefined;
  for (let at = 0; at < payload.length; ) {
    const bodyAt = at + TAG_HEADER_BYTES;
    const end = bodyAt > payload.length ? bodyAt : bodyAt + payload.readUIntBE(at + 1, 3);
    if (end > payload.length) {
      onSkipped('the end of an aggregate message', 'it is cut short');
      return;
    }
    const tagMs = readTagTimestampMs(payload, at + 4);
    offsetMs ??= aggregate.timestampMs - tagMs;
    const typeId = payload.readUInt8(at);
    if (isMedia(typeId)) {
      const timestampMs = (tagMs + offsetMs) >>> 0;
      yield { typeId, messageStreamId, timestampMs, payload: payload.subarray(bodyAt, end) };
    } else {
      onSkipped(`a message of type ${typeId} in an aggregate`, 'it is not audio, video or data');
    }
    // Some senders leave the back pointer of the last tag out.
    at = end + BACK_POINTER_BYTES;
  }
}

function isMedia(typeId: number): boolean {
  return typeId === MESSAGE_TYPE.audio || typeId === MESSAGE_TYPE.video || typeId === MESSAGE_TYPE.dataAmf0;
}

function controlMessage(typeId: number, payload: Buffer): OutgoingMessage {
  return { chunkStreamId: CONTROL_CHUNK_STREAM, typeId, messageStreamId: 0, timestampMs: 0, payload };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
