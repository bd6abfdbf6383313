/** How many pictures and audio frames arrive at the other end: in a recording, over HTTP-FLV, over WebRTC. */
import { EventEmitter } from 'node:events';
import { expect } from 'vitest';
import type { RtpPacket } from 'werift';
import { createLog } from '../../../src/base/log.ts';
import { Emulator } from '../../../src/emulator/emulator.ts';
import { readFlvTags } from '../../../src/media/flv/file.ts';
import type { MediaMessage } from '../../../src/media/flv/media-message.ts';
import { pesPackets } from '../../support/analyser/transport-stream.ts';
import type { Packet } from '../../support/tools.ts';
import type { Peer as Viewer } from '../../watch/support/peer.ts';
import { newPeer } from '../../watch/support/web-rtc.ts';
import {
  isAudioFrame,
  isConfig,
  isVideoFrame,
  readClip,
  type SentMessages,
  shifted,
  type Tags,
  writeFlv,
} from '../flv-tags.ts';
import { type Peer, publishAsPeer } from '../peers.ts';
import type { Playlist } from '../playlists.ts';
import { fetchPrograms, probeBytes, type Studio } from '../recordings.ts';

const VIDEO_PID = 0x100;
const OPUS_PACKET_SEC = 0.02;
export const SOUND_TOLERANCE_SEC = 2 * OPUS_PACKET_SEC;
/** Of the sound while the push goes on: what the encoder holds back, and what waits behind a picture that is held. */
const HELD_SOUND_SEC = 5 * OPUS_PACKET_SEC;
const AAC_FRAME_SAMPLES = 1024;
/** The bytes before an AudioSpecificConfig. */
const AAC_HEADER_BYTES = 2;
/** The last bytes of a picture, by which its last packet is known. */
const TAIL_BYTES = 16;
/** Of all sources. */
const PICTURE_MS = 40;
/** More packets than these could overflow the receive buffer of the viewer, and the last one is not requested again. */
const MESSAGES_AT_ONCE = 20;
/** Longer between two frames of a track is a hole. */
const HOLE_MS = 250;

export interface FrameCounts {
  readonly pictures: number;
  readonly audioFrames: number;
}

/** What ffprobe counts in a stream in usual form, which is written to a file. */
export async function countTags(tags: Tags): Promise<FrameCounts> {
  return countPackets(await probeBytes(writeFlv(tags)));
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

export interface FlvReceived extends FrameCounts {
  /** Steps between two messages of a track that go back or leave a hole, as text. */
  readonly irregularSteps: readonly string[];
}

export interface WebRtcReceived {
  readonly pictures: number;
  readonly soundSec: number;
}

/** An emulator of which every stream has a viewer who comes before the first message. */
export class WatchedEmulator {
  readonly #emulator: Emulator;
  readonly #port: number;
  readonly #log: EventEmitter;
  #streams = 0;
  #soundReady: Promise<void> | undefined;

  static async start(): Promise<WatchedEmulator> {
    const events = new EventEmitter();
    const log = createLog('info', (line) => events.emit('line', line), Date.now);
    const emulator = new Emulator(
      { memory: true, port: 0, rtmpPort: undefined, webrtcPort: 0, host: '127.0.0.1' },
      { log },
    );
    const { port } = await emulator.start();
    return new WatchedEmulator(emulator, port, events);
  }

  private constructor(emulator: Emulator, port: number, log: EventEmitter) {
    this.#emulator = emulator;
    this.#port = port;
    this.#log = log;
  }

  stop(): Promise<void> {
    return this.#emulator.stop();
  }

  /** What ffprobe counts in what an HTTP-FLV viewer gets. */
  async receiveFlv(sent: SentMessages): Promise<FlvReceived> {
    const { url, publisher } = await this.#publish();
    const response = await fetch(`${url}.flv`);
    const received = response.arrayBuffer();
    await publisher.send(sent);
    await publisher.publisher.unpublish();
    const file = Buffer.from(await received);
    const tags = [...readFlvTags(file)];
    const steps = [...irregularSteps(tags, 'video'), ...irregularSteps(tags, 'audio')];
    const { pictures, audioFrames } = countPackets(await probeBytes(file));
    return { pictures, audioFrames, irregularSteps: steps };
  }

  /**
   * What a WebRTC viewer gets. The push ends when all pictures but one and the sound have arrived, and pauses before an
   * AAC header: the end of a stream, or of its sound, is also that of what is on its way.
   */
  async receiveWebRtc(sent: SentMessages): Promise<WebRtcReceived> {
    this.#soundReady ??= this.#prepareSound();
    await this.#soundReady;
    const { url, publisher } = await this.#publish();
    const peer = await this.#watch(url);
    const hear = (soundSec: number) => peer.until(() => soundOf(peer) >= soundSec - HELD_SOUND_SEC);
    const soundAt = soundLengths(sent);
    for (let next = 0; next < sent.length; ) {
      const start = next;
      do next++;
      while (next < sent.length && next - start < MESSAGES_AT_ONCE && !isAudioHeader(sent[next]));
      if (isAudioHeader(sent[start])) await hear(soundAt[start] ?? 0);
      await publisher.send(sent.slice(start, next));
    }
    const tail = tailOf(sent);
    const isEnd = ({ payload }: RtpPacket) => payload.subarray(-TAIL_BYTES).equals(tail);
    await peer.until(() => peer.packets.video.some(isEnd) && isWhole(peer.packets.video));
    await hear(soundAt.at(-1) ?? 0);
    const closed = peer.closedByServer();
    await publisher.publisher.unpublish();
    await closed;
    const ends = peer.packets.video.filter(({ header }) => header.marker);
    return { pictures: new Set(ends.map(({ header }) => header.timestamp)).size, soundSec: soundOf(peer) };
  }

  async #publish(): Promise<{ readonly url: string; readonly publisher: Peer }> {
    const path = `app/s${++this.#streams}`;
    const publisher = await publishAsPeer(`rtmp://127.0.0.1:${this.#port}/${path}`);
    return { url: `http://127.0.0.1:${this.#port}/${path}`, publisher };
  }

  /** Resolves when packets can be sent. */
  async #watch(url: string): Promise<Viewer> {
    const peer = newPeer();
    const playing = this.#logged('watch.playing');
    const headers = { 'content-type': 'application/sdp' };
    const answer = await fetch(url, { method: 'POST', headers, body: await peer.offer() });
    await peer.take(await answer.text());
    await playing;
    return peer;
  }

  /** The encoder is loaded for the first viewer; what is pushed before goes without sound. */
  async #prepareSound(): Promise<void> {
    const { url, publisher } = await this.#publish();
    const peer = await this.#watch(url);
    const tags = readClip('aac-only');
    for (let round = 0; peer.packets.audio.length === 0; round++) await publisher.send(shifted(tags, round * 4000));
    await publisher.publisher.unpublish();
  }

  #logged(event: string): Promise<void> {
    return new Promise((resolve) => {
      const listen = (line: string) => {
        if (!line.includes(event)) return;
        this.#log.off('line', listen);
        resolve();
      };
      this.#log.on('line', listen);
    });
  }
}

function isAudioHeader(message: SentMessages[number] | undefined): boolean {
  return message?.kind === 'audio' && isConfig(message);
}

/** Of the last picture but one: the last one can be held until it is certain that no part of it follows. */
function tailOf(sent: SentMessages): Buffer {
  const pictures = sent.flatMap((message) => (message.kind === 'video' && isVideoFrame(message) ? [message] : []));
  const endMs = pictures.at(-1)?.timestampMs ?? 0;
  const picture = pictures.findLast(({ timestampMs }) => timestampMs <= endMs - PICTURE_MS);
  if (!picture) throw new Error('fewer than two pictures were sent');
  return picture.payload.subarray(-TAIL_BYTES);
}

/** For each message, how long the sound up to it is that can be decoded. */
export function soundLengths(sent: SentMessages): readonly number[] {
  let frameSec = 0;
  let soundSec = 0;
  return sent.map((message) => {
    if (message.kind !== 'audio') return soundSec;
    if (isConfig(message) && message.payload.length > AAC_HEADER_BYTES) frameSec = aacFrameSec(message);
    if (isAudioFrame(message)) soundSec += frameSec;
    return soundSec;
  });
}

/** Of AAC LC, from its AudioSpecificConfig. ISO/IEC 14496-3 clause 1.6.2.1. */
function aacFrameSec({ payload }: MediaMessage): number {
  const rateIndex = (payload.readUInt16BE(AAC_HEADER_BYTES) >> 7) & 0x0f;
  return AAC_FRAME_SAMPLES / ([96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050][rateIndex] ?? 0);
}

/** By the sequence numbers, because single packets can be lost. */
function soundOf({ packets }: Viewer): number {
  return sequenceLength(packets.audio) * OPUS_PACKET_SEC;
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

export function countPackets(packets: readonly Packet[]): FrameCounts {
  const pictures = packets.filter(({ track }) => track === 'video').length;
  return { pictures, audioFrames: packets.length - pictures };
}
