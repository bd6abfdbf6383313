import { describe, expect, it } from 'vitest';
import type { AmfValue } from '../../src/rtmp/amf0.ts';
import { endsPublication, isOfPublication } from '../../src/rtmp/publication.ts';

function publication(messageStreamId: number, streamName = 'cam?Signature=a/b') {
  return { messageStreamId, streamName, isPaused: false };
}

describe('a message', () => {
  it.each([
    ['the same stream', 3, 3, true],
    ['another stream', 2, 3, false],
    ['stream 0', 0, 3, true],
    ['any stream, when it publishes on 0', 7, 0, true],
  ])('of %s', (_, id, publishingId, expected) => {
    expect(isOfPublication(id, publication(publishingId))).toBe(expected);
  });
});

describe('a command', () => {
  it.each<[string, readonly AmfValue[], number, boolean]>([
    ['FCUnpublish', ['cam?Signature=a/b'], 0, true],
    ['FCUnpublish', ['live/cam'], 0, true],
    ['FCUnpublish', ['cam'], 0, true],
    ['FCUnpublish', ['other'], 3, false],
    ['FCUnpublish', [''], 0, true],
    ['FCUnpublish', [], 0, true],
    ['deleteStream', [3], 0, true],
    ['deleteStream', [2], 3, false],
    ['deleteStream', [], 3, false],
    ['closeStream', [], 3, true],
    ['closeStream', [], 0, true],
    ['closeStream', [], 2, false],
  ])('%s %j on stream %d ends the push of cam on stream 3: %j', (name, args, messageStreamId, expected) => {
    expect(endsPublication({ name, args, messageStreamId }, publication(3))).toBe(expected);
  });
});
