/**
 * N viewers in one process: `tsx watch-receivers.ts <WHEP URL> <viewers> <seconds>`.
 *
 * werift, an independent implementation, connects and negotiates the keys; then the packets are counted by their
 * headers, which SRTP does not encrypt. Decrypting them would cost more than sending them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { RTCPeerConnection, RTCRtpCodecParameters, StunProtocol } from 'werift';

export interface ReceiverReport {
  readonly viewers: number;
  readonly packetsPerSec: number;
  readonly bytesPerSec: number;
  readonly lost: number;
  /** Of the pictures of a viewer, RFC 3550 clause 6.4.1. */
  readonly jitterMedianMs: number;
  readonly jitterWorstMs: number;
  readonly videoTracks: number;
  readonly audioTracks: number;
  /** Near a whole core they do not take everything that they are sent. */
  readonly receiversCpuShare: number;
}

/** How many connect at a time, because werift has several waits. */
const CONNECTING = 5;
const MAX_ATTEMPTS = 3;
const VIDEO_TICKS_PER_MS = 90;
/** Seconds of packets. All viewers share a process here: what is lost while it does not run says nothing about a server. */
const RECEIVE_BUFFER_SIZE_BYTES = 1024 * 1024;
const RTCP_FIRST_TYPE = 192;
const RTCP_LAST_TYPE = 223;

/** The packets received of one SSRC. */
class TrackCounter {
  received = 0;
  bytes = 0;
  jitterMs = 0;
  isVideo = false;
  #first = -1;
  #highest = -1;
  #transitMs: number | undefined;

  take(datagram: Buffer): void {
    const sequenceNumber = datagram.readUInt16BE(2);
    if (this.#first < 0) this.#first = this.#highest = sequenceNumber;
    const ahead = ((sequenceNumber - this.#highest + 0x8000) & 0xffff) - 0x8000;
    if (ahead > 0) this.#highest += ahead;
    this.received++;
    this.bytes += datagram.length;
    this.isVideo ||= datagram.length > 1000;
    if (((datagram[1] ?? 0) & 0x80) !== 0) this.#measureJitter(datagram.readUInt32BE(4));
  }

  get lost(): number {
    return this.#highest - this.#first + 1 - this.received;
  }

  /** From the last packet of a picture to that of the next. */
  #measureJitter(ticks: number): void {
    const transitMs = performance.now() - ticks / VIDEO_TICKS_PER_MS;
    if (this.#transitMs !== undefined) this.jitterMs += (Math.abs(transitMs - this.#transitMs) - this.jitterMs) / 16;
    this.#transitMs = transitMs;
  }
}

interface Receiver {
  readonly tracks: Map<number, TrackCounter>;
  readonly connection: RTCPeerConnection;
}

async function connect(url: string): Promise<Receiver> {
  const connection = new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    codecs: {
      video: [
        new RTCRtpCodecParameters({
          mimeType: 'video/H264',
          clockRate: 90_000,
          rtcpFeedback: [{ type: 'nack' }],
          parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
        }),
      ],
      audio: [new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 })],
    },
  });
  for (const kind of ['video', 'audio'] as const) connection.addTransceiver(kind, { direction: 'recvonly' });
  await connection.setLocalDescription(await connection.createOffer());
  const body = connection.localDescription?.sdp ?? '';
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body });
  const sdp = await response.text();
  if (response.status !== 201) throw new Error(`${url} answered ${response.status}: ${sdp}`);
  const connected = connection.connectionStateChange.watch((state) => state === 'connected', 20_000);
  await connection.setRemoteDescription({ type: 'answer', sdp });
  await connected;
  return { tracks: countInstead(connection), connection };
}

/** Joins again where werift or the machine was too slow for the handshake, which is said. */
async function join(url: string): Promise<Receiver> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connect(url);
    } catch (error) {
      if (attempt === MAX_ATTEMPTS) throw error;
      console.error(`a viewer has not connected, attempt ${attempt}:`, error);
    }
  }
}

/** From now on media packets are only counted; ICE checks are still passed to werift. */
function countInstead(connection: RTCPeerConnection): Map<number, TrackCounter> {
  const tracks = new Map<number, TrackCounter>();
  const count = (datagram: Buffer) => {
    const type = datagram[1] ?? 0;
    if (type >= RTCP_FIRST_TYPE && type <= RTCP_LAST_TYPE) return;
    const ssrc = datagram.readUInt32BE(8);
    const track = tracks.get(ssrc) ?? new TrackCounter();
    tracks.set(ssrc, track);
    track.take(datagram);
  };
  for (const { connection: ice } of connection.iceTransports) {
    // Each address of this machine has a socket of its own, and the connection may use any of them.
    for (const protocol of new Set(ice.candidatePairs.map((pair) => pair.protocol))) {
      if (!(protocol instanceof StunProtocol)) throw new Error('connected by something else than UDP');
      const { transport } = protocol;
      const { onData } = transport;
      transport.socket.setRecvBufferSize(RECEIVE_BUFFER_SIZE_BYTES);
      transport.onData = (datagram: Buffer, address: readonly [string, number]) => {
        if (((datagram[0] ?? 0) & 0xc0) === 0x80) count(datagram);
        else onData(datagram, address);
      };
    }
  }
  return tracks;
}

async function main([url = '', viewers = '1', seconds = '10']: readonly string[]): Promise<void> {
  const receivers: Receiver[] = [];
  let left = Number(viewers);
  const connectSome = async () => {
    while (left-- > 0) receivers.push(await join(url));
  };
  await Promise.all(Array.from({ length: CONNECTING }, connectSome));
  // The frames from before the viewers connected have been received.
  await delay(2_000);
  for (const { tracks } of receivers) tracks.clear();
  console.log(JSON.stringify({ event: 'measuring' }));
  const cpuBefore = process.cpuUsage();
  await delay(Number(seconds) * 1000);
  const { user, system } = process.cpuUsage(cpuBefore);
  const tracks = receivers.flatMap((receiver) => [...receiver.tracks.values()]);
  const pictures = tracks.filter(({ isVideo }) => isVideo);
  const jitters = pictures.map(({ jitterMs }) => jitterMs).toSorted((a, b) => a - b);
  const sum = (of: (track: TrackCounter) => number) => tracks.reduce((total, track) => total + of(track), 0);
  const report: ReceiverReport = {
    viewers: receivers.length,
    packetsPerSec: sum(({ received }) => received) / Number(seconds),
    bytesPerSec: sum(({ bytes }) => bytes) / Number(seconds),
    lost: sum(({ lost }) => lost),
    jitterMedianMs: jitters[Math.floor(jitters.length / 2)] ?? Number.NaN,
    jitterWorstMs: jitters.at(-1) ?? Number.NaN,
    videoTracks: pictures.length,
    audioTracks: tracks.length - pictures.length,
    receiversCpuShare: (user + system) / 1e6 / Number(seconds),
  };
  console.log(JSON.stringify({ event: 'report', ...report }));
  process.exit(0);
}

await main(process.argv.slice(2));
