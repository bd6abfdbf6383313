const FINGERPRINT = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, '0')).join(':');

const CODECS = {
  h264: ['a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=1;profile-level-id=42e01f'],
  vp8: ['a=rtpmap:96 VP8/90000'],
  opus: ['a=rtpmap:96 opus/48000/2'],
};

/** An offer of a client that wants to receive, one section per codec. */
export function offerOf(...codecs: readonly (keyof typeof CODECS)[]): string {
  const sections = codecs.flatMap((codec, mid) => [
    `m=${codec === 'opus' ? 'audio' : 'video'} 9 UDP/TLS/RTP/SAVPF 96`,
    'c=IN IP4 0.0.0.0',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:0123456789abcdef01234567',
    `a=fingerprint:sha-256 ${FINGERPRINT}`,
    'a=setup:actpass',
    `a=mid:${mid}`,
    'a=recvonly',
    'a=rtcp-mux',
    ...CODECS[codec],
  ]);
  const group = `a=group:BUNDLE ${codecs.map((_, mid) => mid).join(' ')}`;
  return `${['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', group, ...sections].join('\r\n')}\r\n`;
}
