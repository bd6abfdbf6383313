/** Sends one track to one viewer. */
import { randomInt } from 'node:crypto';
import type { HistoryPacket, PacketHistory } from '../packet-history.ts';
import type { SenderReport } from './rtcp.ts';
import type { SentTrack } from './sdp.ts';
import type { SealRtp } from './srtp.ts';

const HEADER_SIZE_BYTES = 12;
const VERSION = 0x80;
const MARKER = 0x80;
/** The first number is below, so that the numbers do not roll over before the viewer gets one. RFC 3711 clause 3.3.1. */
const MAX_FIRST_SEQUENCE_NUMBER = 2 ** 15;
/** One millisecond: the time between pictures from before the viewer came, so that they are shown at once. */
const CATCH_UP_STEP_TICKS = 90;

export interface TrackSenderStart {
  readonly history: PacketHistory;
  /** Number of the first packet to send. Those before `history.end` are from before the viewer came. */
  readonly from: number;
  readonly track: SentTrack;
  readonly seal: SealRtp;
  send(datagram: Buffer): void;
}

/** Sends the packets of a history from a given one on, with the header and the encryption of the viewer. */
export class TrackSender {
  readonly #start: TrackSenderStart;
  /** The RTP header; its variable fields are set for each packet. */
  readonly #header = Buffer.alloc(HEADER_SIZE_BYTES);
  /** Sequence number, rollovers included, minus number in the history. */
  #offset: number;
  #next: number;
  /** Number of the packet from which on `#offset` is valid. */
  #since: number;
  /** The latest packet at the time when the viewer came. */
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

  /** Continues with another packet of the history, without a gap in the sequence numbers. */
  skipTo(number: number): void {
    this.#offset += this.#next - number;
    this.#next = this.#since = number;
  }

  /** Sends at most `limit` packets. @returns whether there are more */
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

  /** Sends packets again, as far as the history still has them. */
  resend(sequenceNumbers: readonly number[]): void {
    const latest = this.#next - 1 + this.#offset;
    for (const sequenceNumber of sequenceNumbers) {
      const number = latest - ((latest - sequenceNumber) & 0xffff) - this.#offset;
      // Never send a different packet with the number of an earlier one: a key stream must not be used twice.
      const packet = number >= this.#since ? this.#start.history.at(number) : undefined;
      if (packet) this.#send(number, packet);
    }
  }

  /** Counts of what has been sent, for a sender report. */
  get sent(): Pick<SenderReport, 'ssrc' | 'packets' | 'payloadBytes'> {
    return { ssrc: this.ssrc, packets: this.#packets, payloadBytes: this.#payloadBytes };
  }

  #send(number: number, packet: HistoryPacket): void {
    const { seal, send, track } = this.#start;
    const header = this.#header;
    const index = number + this.#offset;
    header[1] = packet.marker ? MARKER | track.payloadType : track.payloadType;
    header.writeUInt16BE(index & 0xffff, 2);
    header.writeUInt32BE(modulo32(this.#ticksOf(packet)), 4);
    send(seal(header, packet.payload, index));
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
