/** A viewer without a browser: werift's peer connection. */
import { type MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, type RtpPacket } from 'werift';

const H264 = new RTCRtpCodecParameters({
  mimeType: 'video/H264',
  clockRate: 90_000,
  rtcpFeedback: [{ type: 'nack' }],
  parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
});
const OPUS = new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 });

export class Peer {
  readonly connection = new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    codecs: { video: [H264], audio: [OPUS] },
  });
  readonly packets: Record<'video' | 'audio', RtpPacket[]> = { video: [], audio: [] };
  #onPacket: () => void = () => {};

  async offer(): Promise<string> {
    for (const kind of ['video', 'audio'] as const) this.connection.addTransceiver(kind, { direction: 'recvonly' });
    this.connection.onTrack.subscribe((track: MediaStreamTrack) => {
      track.onReceiveRtp.subscribe((packet) => {
        this.packets[track.kind === 'video' ? 'video' : 'audio'].push(packet);
        this.#onPacket();
      });
    });
    await this.connection.setLocalDescription(await this.connection.createOffer());
    return this.connection.localDescription?.sdp ?? '';
  }

  async take(answer: string): Promise<void> {
    await this.connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** Resolves when `count` packets have arrived. */
  received(kind: 'video' | 'audio', count: number): Promise<void> {
    return this.until(() => this.packets[kind].length >= count);
  }

  /** Resolves when the condition holds, which is asked now and after each packet. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onPacket = () => {
        if (holds()) resolve();
      };
      this.#onPacket();
    });
  }

  /** Resolves when the server has closed the connection. */
  closedByServer(): Promise<unknown> {
    const [transport] = this.connection.dtlsTransports;
    return transport?.state === 'closed'
      ? Promise.resolve()
      : (transport?.onStateChange.watch((state) => state === 'closed', 5_000) ?? Promise.reject(new Error('none')));
  }
}
