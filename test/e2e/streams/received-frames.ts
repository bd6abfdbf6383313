/** How many pictures and audio frames arrive at the other end: in a recording, over HTTP-FLV, over WebRTC. */
import { expect } from 'vitest';
import type { RtpPacket } from 'werift';
import { createLog } from '../../../src/base/log.ts';
import { readFlvTags } from '../../../src/media/flv/file.ts';
import type { MediaMessage } from '../../../src/media/flv/media-message.ts';
import { pesPackets } from '../../recording/segmenter/ts-checks.ts';
import { startTestEmulator } from '../../support/emulator.ts';
import type { Packet } from '../../support/tools.ts';
import { newPeer } from '../../watch/support/web-rtc.ts';
import { isVideoFrame, type SentMessages, type Tags } from '../flv-tags.ts';
import { publishAsPeer } from '../peers.ts';
import type { Playlist } from '../playlists.ts';
import { fetchPrograms, probeBytes, type Studio } from '../recordings.ts';

const VIDEO_PID = 0x100;
const OPUS_PACKET_SEC = 0.02;
/** The last bytes of a picture, by which its last packet is known. */
const TAIL_BYTES = 16;
/** More packets than these could overflow the receive buffer of the viewer, and the last one is not requested again. */
const MESSAGES_AT_ONCE = 20;
/** Longer between two frames of a track is a hole. */
const HOLE_MS = 250;

export interface FrameCounts {
  readonly pictures: number;
  readonly audioFrames: number;
}

export interface TagCounts extends FrameCounts {
  readonly soundSec: number;
}

/** What ffprobe counts in a stream in usual form, which is written to a file, and how long its sound is. */
export async function probeTags(tags: Tags): Promise<TagCounts> {
  const packets = await probeBytes(writeFlv(tags));
  const times = packets.filter(({ track }) => track === 'audio').map(({ ptsSec }) => ptsSec);
  const [first = 0, second = first] = times;
  const { pictures, audioFrames } = countPackets(packets);
  return { pictures, audioFrames, soundSec: (times.at(-1) ?? first) - first + (second - first) };
}

/** What ffprobe counts in a recording, each stretch without a discontinuity by itself. One PES packet is one picture. */
export async function countRecording(studio: Studio, playlist: Pick<Playlist, 'fragments'>): Promise<FrameCounts> {
  const packets: Packet[] = [];
  let pesCount = 0;
  for (const program of await fetchPrograms(studio, playlist)) {
    packets.push(...(await probeBytes(program)));
    pesCount += pesPackets(program, VIDEO_PID).length;
  }
  const counts = countPackets(packets);
  expect(pesCount, 'PES packets of the video').toBe(counts.pictures);
  return counts;
}

/** A stream that is published, and what sends it. */
async function publishStream(deps: Parameters<typeof startTestEmulator>[1] = {}) {
  const { endpoint, port } = await startTestEmulator({}, deps);
  const publisher = await publishAsPeer(`rtmp://127.0.0.1:${port}/app/s1`);
  return { url: `${endpoint}/app/s1`, publisher };
}

/** What ffprobe counts in the file of an HTTP-FLV viewer who came before the first message. Its times have no holes. */
export async function countFlv(sent: SentMessages): Promise<FrameCounts> {
  const { url, publisher } = await publishStream();
  const response = await fetch(`${url}.flv`);
  const received = response.arrayBuffer();
  await publisher.send(sent);
  await publisher.publisher.unpublish();
  const file = Buffer.from(await received);
  const tags = [...readFlvTags(file)];
  for (const kind of ['video', 'audio'] as const)
    expect(irregularSteps(tags, kind), `steps of the ${kind}`).toEqual([]);
  return countPackets(await probeBytes(file));
}

export interface WebRtcReceived {
  readonly pictures: number;
  readonly soundSec: number;
}

/**
 * What a WebRTC viewer receives who came before the first message. The push ends when the last picture has arrived, and
 * `soundSec` of sound; as the end of a stream also ends what is on its way.
 */
export async function receiveWebRtc(sent: SentMessages, soundSec: number): Promise<WebRtcReceived> {
  let play = () => {};
  const playing = new Promise<void>((resolve) => {
    play = resolve;
  });
  const log = createLog('info', (line) => line.includes('watch.playing') && play(), Date.now);
  const { url, publisher } = await publishStream({ log });
  const peer = newPeer();
  const headers = { 'content-type': 'application/sdp' };
  const answer = await fetch(url, { method: 'POST', headers, body: await peer.offer() });
  await peer.take(await answer.text());
  await playing;
  for (let at = 0; at < sent.length; at += MESSAGES_AT_ONCE) {
    await publisher.send(sent.slice(at, at + MESSAGES_AT_ONCE));
  }
  const tail = sent.findLast((message) => message.kind === 'video' && isVideoFrame(message))?.payload;
  if (!tail) throw new Error('nothing was sent that has a picture');
  const hasEnd = ({ payload }: RtpPacket) => payload.subarray(-TAIL_BYTES).equals(tail.subarray(-TAIL_BYTES));
  await peer.until(() => peer.packets.video.some(hasEnd) && isWhole(peer.packets.video));
  await peer.until(() => soundOf(peer.packets.audio) >= soundSec);
  const closed = peer.closedByServer();
  await publisher.publisher.unpublish();
  await closed;
  const ends = peer.packets.video.filter(({ header }) => header.marker);
  return {
    pictures: new Set(ends.map(({ header }) => header.timestamp)).size,
    soundSec: soundOf(peer.packets.audio),
  };
}

/** By the sequence numbers, because single packets can be lost. */
function soundOf(packets: readonly RtpPacket[]): number {
  return sequenceLength(packets) * OPUS_PACKET_SEC;
}

/** No packet between the first and the last one is missing. */
function isWhole(packets: readonly RtpPacket[]): boolean {
  return new Set(packets.map(({ header }) => header.sequenceNumber)).size === sequenceLength(packets);
}

/** The first sequence number is far below the roll over. */
function sequenceLength(packets: readonly RtpPacket[]): number {
  const numbers = packets.map(({ header }) => header.sequenceNumber);
  return numbers.length === 0 ? 0 : Math.max(...numbers) - Math.min(...numbers) + 1;
}

/** The steps between two messages of a track that go back or leave a hole. */
function irregularSteps(tags: Tags, kind: 'audio' | 'video'): readonly string[] {
  const times = tags.flatMap((tag) => (tag.kind === kind && tag.payload[1] === 1 ? [tag.timestampMs] : []));
  return times.flatMap((ms, index) => {
    const stepMs = ms - (times[index - 1] ?? ms);
    return stepMs < 0 || stepMs > HOLE_MS ? [`${times[index - 1]} -> ${ms}`] : [];
  });
}

function countPackets(packets: readonly Packet[]): FrameCounts {
  const pictures = packets.filter(({ track }) => track === 'video').length;
  return { pictures, audioFrames: packets.length - pictures };
}

function writeFlv(tags: Tags): Buffer {
  const header = Buffer.from('464c5601050000000900000000', 'hex');
  return Buffer.concat([header, ...tags.map(writeFlvTag)]);
}

/** A tag and its size. FLV 10.1, annex E.4.1. */
function writeFlvTag({ kind, timestampMs, payload }: MediaMessage): Buffer {
  const header = Buffer.alloc(11);
  header.writeUInt8({ audio: 8, video: 9, data: 18 }[kind], 0);
  header.writeUIntBE(payload.length, 1, 3);
  header.writeUIntBE(timestampMs % 2 ** 24, 4, 3);
  header.writeUInt8(Math.floor(timestampMs / 2 ** 24), 7);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(header.length + payload.length);
  return Buffer.concat([header, payload, size]);
}
