/** One track on its way to one viewer. */
import { randomInt } from 'node:crypto';
import type { HistoryPacket, PacketHistory } from '../packet-history.ts';
import type { SenderReport } from './rtcp.ts';
import type { SentTrack } from './sdp.ts';
import type { Protection } from './srtp.ts';

const HEADER_SIZE_BYTES = 12;
const VERSION = 0x80;
const MARKER = 0x80;
/** The first one is below, so that it does not roll over before the viewer has seen one. RFC 3711 clause 3.3.1. */
const MAX_FIRST_SEQUENCE_NUMBER = 2 ** 15;
/** What was sent before the viewer came plays in a blink: a millisecond of the video clock from picture to picture. */
const CATCH_UP_STEP_TICKS = 90;

export interface TrackSenderStart {
  readonly history: PacketHistory;
  /** Number of the first packet, somewhere in the past; what comes before `history.end` is caught up with. */
  readonly from: number;
  readonly track: SentTrack;
  readonly protection: Protection;
  send(datagram: Buffer): void;
}

/** Sends what is in a history, from some packet on, each with the header and the encryption of its viewer. */
export class TrackSender {
  readonly #start: TrackSenderStart;
  /** Header of RTP; its numbers change from packet to packet. */
  readonly #header = Buffer.alloc(HEADER_SIZE_BYTES);
  /** Sequence number, with rollovers, minus number in the history. */
  #offset: number;
  #next: number;
  /** From here on the numbers go up without a gap. */
  #since: number;
  /** The last packet there was when the viewer came. */
  readonly #edge: HistoryPacket | undefined;
  #packets = 0;
  #payloadBytes = 0;

  constructor(start: TrackSenderStart) {
    this.#start = start;
    this.#next = this.#since = start.from;
    this.#offset = randomInt(MAX_FIRST_SEQUENCE_NUMBER) - start.from;
    this.#edge = start.history.at(start.history.end - 1);
    this.#header[0] = VERSION;
    this.#header.writeUInt32BE(start.track.ssrc, 8);
  }

  get ssrc(): number {
    return this.#start.track.ssrc;
  }

  /** Number of the next packet in the history. */
  get next(): number {
    return this.#next;
  }

  /** Goes on with another packet of the history, without a gap in what the viewer sees. */
  skipTo(number: number): void {
    this.#offset += this.#next - number;
    this.#next = this.#since = number;
  }

  /** Sends at most so many packets. @returns whether there are more */
  pump(limit: number): boolean {
    const { history } = this.#start;
    const end = Math.min(history.end, this.#next + limit);
    for (; this.#next < end; this.#next++) {
      const packet = history.at(this.#next);
      if (!packet) continue;
      this.#send(this.#next, packet);
      this.#packets++;
      this.#payloadBytes += packet.payload.length;
    }
    return this.#next < history.end;
  }

  /** Sends again what the viewer misses, as far as it is still there. */
  resend(sequenceNumbers: readonly number[]): void {
    const latest = this.#next - 1 + this.#offset;
    for (const sequenceNumber of sequenceNumbers) {
      const number = latest - ((latest - sequenceNumber) & 0xffff) - this.#offset;
      // Never another packet under the number of an old one: the key stream of a number is for one packet only.
      const packet = number >= this.#since ? this.#start.history.at(number) : undefined;
      if (packet) this.#send(number, packet);
    }
  }

  /** What has been sent, for a report of this moment. */
  get sent(): Pick<SenderReport, 'ssrc' | 'packets' | 'payloadBytes'> {
    return { ssrc: this.ssrc, packets: this.#packets, payloadBytes: this.#payloadBytes };
  }

  #send(number: number, packet: HistoryPacket): void {
    const { protection, send, track } = this.#start;
    const header = this.#header;
    const index = number + this.#offset;
    header[1] = packet.marker ? MARKER | track.payloadType : track.payloadType;
    header.writeUInt16BE(index & 0xffff, 2);
    header.writeUInt32BE(modulo32(this.#ticksOf(packet)), 4);
    send(protection.rtp(header, packet.payload, index));
  }

  #ticksOf({ ticks, frame }: HistoryPacket): number {
    const edge = this.#edge;
    if (!edge || frame >= edge.frame) return ticks;
    return Math.max(ticks, edge.ticks - (edge.frame - frame) * CATCH_UP_STEP_TICKS);
  }
}

function modulo32(ticks: number): number {
  return ((ticks % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
