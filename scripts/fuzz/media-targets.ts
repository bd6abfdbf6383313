/** RTMP and what comes over it, from chunks to the packets of a recording. */
import { readFileSync } from 'node:fs';
import { parseAacConfig } from '../../src/media/codecs/aac.ts';
import { parseAvcConfig } from '../../src/media/codecs/avc.ts';
import { parseSequenceParameterSet } from '../../src/media/codecs/sps.ts';
import { readFlvTags } from '../../src/media/flv/file.ts';
import type { MediaMessage } from '../../src/media/flv/media-message.ts';
import { parseAudioTag, parseVideoTag } from '../../src/media/flv/tags.ts';
import { mpegTsMuxer } from '../../src/recording/segmenter/mpeg-ts-muxer.ts';
import { cuttingRule } from '../../src/recording/segmenter/segmenter.ts';
import { createSegmenter } from '../../src/recording/segmenter/segmenting-session.ts';
import { encodeAmf0, readAmf0 } from '../../src/rtmp/amf0.ts';
import { encodeChunks, type OutgoingMessage } from '../../src/rtmp/chunks.ts';
import { command, readCommand } from '../../src/rtmp/commands.ts';
import { DEFAULT_RTMP_LIMITS } from '../../src/rtmp/limits.ts';
import { MESSAGE_TYPE, setChunkSize, userControl } from '../../src/rtmp/messages.ts';
import { parseMetadata } from '../../src/rtmp/metadata.ts';
import { RtmpProtocolError } from '../../src/rtmp/protocol-error.ts';
import { RtmpTransport } from '../../src/rtmp/transport.ts';
import { type FuzzTarget, tolerating } from './fuzz-target.ts';
import { mutate, pick, type Random } from './mutate.ts';

const HANDSHAKE_BYTES = 3073;
const MAX_PAYLOAD_BYTES = 2_000;
const FRAMES_PER_STREAM = 12;

const fixture = (path: string) => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url));
const tags: readonly MediaMessage[] = ['h264-aac', 'h264-aac-b-frames-slices', 'h264-aac-320x180-inband-parameter-sets']
  .flatMap((name) => [...readFlvTags(fixture(`clips/${name}.flv`))].slice(0, 60))
  .map((tag) => ({ ...tag, payload: tag.payload.subarray(0, MAX_PAYLOAD_BYTES) }));
const bodies = (kind: MediaMessage['kind']) => tags.filter((tag) => tag.kind === kind).map(({ payload }) => payload);
const configs = (kind: 'audio' | 'video', headerBytes: number) =>
  bodies(kind)
    .filter((body) => body[1] === 0)
    .map((body) => body.subarray(headerBytes));
const videoBodies = bodies('video');
const audioBodies = bodies('audio');
const avcConfigs = configs('video', 5);
const aacConfigs = configs('audio', 2);
const parameterSets = avcConfigs.flatMap((record) => parseAvcConfig(record)?.sequenceParameterSets ?? []);

const commands = [
  command('connect', 1, [{ app: 'live', tcUrl: 'rtmp://bucket.localhost/live', flashVer: 'x', fourCcList: ['hvc1'] }]),
  command('createStream', 2, [null]),
  command('publish', 3, [null, 'channel?a=1', 'live'], 1),
];

export const MEDIA_TARGETS: readonly FuzzTarget[] = [
  { name: 'rtmp', run: readChunks(chunkStreams()) },
  parser('amf0', [...commands.map(({ payload }) => payload), ...bodies('data'), amfSample()], (input) => {
    readAmf0(input, DEFAULT_RTMP_LIMITS.amf0);
  }),
  parser('metadata', bodies('data'), (input) => parseMetadata(input, DEFAULT_RTMP_LIMITS.amf0)),
  parser('video-tag', videoBodies, parseVideoTag),
  parser('audio-tag', audioBodies, parseAudioTag),
  parser('avc-config', avcConfigs, parseAvcConfig),
  parser('aac-config', aacConfigs, parseAacConfig),
  parser('sps', parameterSets, parseSequenceParameterSet),
  { name: 'stream', run: segmentStream },
];

function parser(name: string, corpus: readonly Buffer[], parse: (input: Buffer) => unknown): FuzzTarget {
  return {
    name,
    run(random) {
      const input = mutate(corpus, random);
      tolerating([RtmpProtocolError], input.length, () => parse(input));
    },
  };
}

/**
 * The bytes of a connection after its handshake: a recorded one, and one with a message of every kind, in small and in
 * large chunks.
 */
function chunkStreams(): readonly Buffer[] {
  const recorded = fixture('rtmp/ffmpeg-5.1-publish.bin').subarray(HANDSHAKE_BYTES, HANDSHAKE_BYTES + 2_000);
  const media = tags.slice(0, 8).map(
    ({ kind, timestampMs, payload }): OutgoingMessage => ({
      chunkStreamId: 4,
      messageStreamId: 1,
      timestampMs,
      payload: payload.subarray(0, 300),
      typeId: kind === 'data' ? MESSAGE_TYPE.dataAmf0 : MESSAGE_TYPE[kind],
    }),
  );
  const aggregate: OutgoingMessage = {
    chunkStreamId: 4,
    messageStreamId: 1,
    timestampMs: 0x1000000,
    typeId: MESSAGE_TYPE.aggregate,
    payload: Buffer.from('0800000200000000000000af01000000000d0900000200000000000000170100000000', 'hex'),
  };
  const all = [...commands, setChunkSize(4096), userControl(6, 1), aggregate, ...media];
  return [recorded, ...[128, 4096].map((size) => Buffer.concat(all.map((message) => encodeChunks(message, size))))];
}

function readChunks(corpus: readonly Buffer[]): (random: Random) => void {
  return (random) => {
    const transport = new RtmpTransport({ write: () => {}, skipped: () => {} }, DEFAULT_RTMP_LIMITS);
    const input = mutate(corpus, random);
    const cut = random(input.length + 1);
    tolerating([RtmpProtocolError], input.length, () => {
      for (const piece of [input.subarray(0, cut), input.subarray(cut)]) {
        transport.push(piece);
        for (let message = transport.next(); message; message = transport.next()) {
          if (message.typeId === MESSAGE_TYPE.commandAmf0) readCommand(message, DEFAULT_RTMP_LIMITS.amf0);
        }
        transport.keepUnread();
      }
    });
  };
}

function amfSample(): Buffer {
  return encodeAmf0([
    'onMetaData',
    { width: 1280, nested: { list: [1, 'two', null, true] }, date: new Date(0) },
    undefined,
  ]);
}

/** A short stream of mutated messages, through tags and segmenter to packets. */
function segmentStream(random: Random): void {
  const sink = { open: () => ({ write: () => {}, close: () => {}, abort: () => {} }) };
  const events = { onDrain: () => {}, onFailure: failed };
  const segmenter = createSegmenter({ rule: cuttingRule(1), muxer: mpegTsMuxer, sink, ...events });
  segmenter.videoConfig(pick(avcConfigs, random));
  segmenter.audioConfig(pick(aacConfigs, random));
  for (let frame = 0; frame < FRAMES_PER_STREAM; frame++) {
    const dtsMs = random(8) === 0 ? random(2 ** 32) : frame * 40;
    if (random(16) === 0) segmenter.discontinuity();
    if (random(2) === 0) writeVideo(mutate(videoBodies, random), dtsMs);
    else writeAudio(mutate(audioBodies, random), dtsMs);
  }
  segmenter.destroy();

  function writeVideo(body: Buffer, dtsMs: number): void {
    const tag = parseVideoTag(body);
    if (tag.kind === 'config') segmenter.videoConfig(tag.config);
    else if (tag.kind === 'frame') segmenter.write({ ...tag, kind: 'video', dtsMs });
  }

  function writeAudio(body: Buffer, dtsMs: number): void {
    const tag = parseAudioTag(body);
    if (tag.kind === 'config') segmenter.audioConfig(tag.config);
    else if (tag.kind === 'frame') segmenter.write({ kind: 'audio', dtsMs, data: tag.data });
  }
}

function failed(error: Error): never {
  throw error;
}
