import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOffer, type SdpAnswer, writeAnswer } from '../../../src/watch/web-rtc/sdp.ts';

/** What Chromium 156 offers, less most of its codecs, extensions and candidates. */
const OFFER = [
  'v=0',
  'o=- 8443352133031477241 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1 2',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=video 41894 UDP/TLS/RTP/SAVPF 96 102 104 108',
  'c=IN IP4 192.0.2.2',
  'a=candidate:3855203051 1 udp 2113937151 192.0.2.2 41894 typ host generation 0 network-cost 999',
  'a=ice-ufrag:2BHB',
  'a=ice-pwd:ZRWbHgu9qEu0K/tSgz0KCAh9',
  'a=ice-options:trickle',
  'a=fingerprint:sha-256 BB:B2:FF',
  'a=setup:actpass',
  'a=mid:0',
  'a=recvonly',
  'a=rtcp-mux',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f',
  'a=rtpmap:104 H264/90000',
  'a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f',
  'a=rtpmap:108 H264/90000',
  'a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  'm=audio 58693 UDP/TLS/RTP/SAVPF 111 0',
  'a=mid:1',
  'a=recvonly',
  'a=rtpmap:111 opus/48000/2',
  'a=rtpmap:0 PCMU/8000',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=mid:2',
  '',
].join('\r\n');

const ANSWER: SdpAnswer = {
  sessionId: '77',
  ufrag: 'abcd',
  password: 'secret',
  cname: 'viewer',
  port: 9000,
  sha256Fingerprint: 'AA:BB',
  addresses: ['127.0.0.1', '2001:db8::1'],
  tracks: [{ kind: 'video', payloadType: 108, ssrc: 11 }, { kind: 'audio', payloadType: 111, ssrc: 22 }, undefined],
};

function offer(text = OFFER) {
  const parsed = parseOffer(text);
  if (!parsed) throw new Error('not an offer');
  return parsed;
}

describe('an offer', () => {
  it('names what the browser takes', () => {
    const { sections, ...session } = offer();
    expect(session).toEqual({
      bundled: true,
      setup: 'actpass',
      fingerprint: { algorithm: 'sha256', digest: 'bbb2ff' },
    });
    expect(sections.map(({ kind, mid, codec }) => ({ kind, mid, codec }))).toEqual([
      { kind: 'video', mid: '0', codec: { payloadType: 108, profileLevelId: '42e01f' } },
      { kind: 'audio', mid: '1', codec: { payloadType: 111 } },
      { kind: 'application', mid: '2', codec: undefined },
    ]);
  });

  it('without the usual profile is good for the first that is offered in the right mode', () => {
    const { sections } = offer(OFFER.replace('a=rtpmap:108 H264', 'a=rtpmap:108 AV1'));
    expect(sections[0]?.codec).toEqual({ payloadType: 102, profileLevelId: '42001f' });
  });

  it('may have sections that are over, and such that share the port of another', () => {
    const codecs = (text: string) => offer(text).sections.map(({ codec }) => codec !== undefined);
    const over = OFFER.replace('m=video 41894', 'm=video 0');
    expect(codecs(over)).toEqual([false, true, false]);
    expect(codecs(over.replace('a=mid:0', 'a=bundle-only\r\na=mid:0'))).toEqual([true, true, false]);
  });

  it('may end its lines as it likes, and is nothing without a fingerprint', () => {
    expect(offer(OFFER.replaceAll('\r\n', '\n'))).toEqual(offer());
    expect(parseOffer(OFFER.replace('a=fingerprint', 'a=other'))).toBeUndefined();
    expect(parseOffer(OFFER.replace('v=0', 'v=1'))).toBeUndefined();
  });

  it('is read without an error, whatever it says', () => {
    const line = fc.oneof(fc.constantFrom(...OFFER.split('\r\n')), fc.string());
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const parsed = parseOffer(`v=0\n${lines.join('\n')}`);
        expect(parsed === undefined || parsed.sections.length >= 0).toBe(true);
      }),
    );
  });
});

describe('the answer', () => {
  it('says what will be sent and where from, and refuses the rest', () => {
    const transport = [
      'a=ice-ufrag:abcd',
      'a=ice-pwd:secret',
      'a=fingerprint:sha-256 AA:BB',
      'a=setup:active',
      'a=sendonly',
      'a=rtcp-mux',
      'a=rtcp-rsize',
    ];
    const candidates = [
      'a=candidate:1 1 udp 2130706431 127.0.0.1 9000 typ host',
      'a=candidate:2 1 udp 2130706175 2001:db8::1 9000 typ host',
      'a=end-of-candidates',
    ];
    expect(writeAnswer(offer(), ANSWER).split('\r\n')).toEqual([
      'v=0',
      'o=- 77 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      'a=group:BUNDLE 0 1',
      'a=ice-lite',
      'a=msid-semantic: WMS rts',
      'm=video 9000 UDP/TLS/RTP/SAVPF 108',
      'c=IN IP4 127.0.0.1',
      'a=mid:0',
      ...transport,
      'a=rtpmap:108 H264/90000',
      'a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
      'a=rtcp-fb:108 nack',
      'a=msid:rts video',
      'a=ssrc:11 cname:viewer',
      ...candidates,
      'm=audio 9000 UDP/TLS/RTP/SAVPF 111',
      'c=IN IP4 127.0.0.1',
      'a=mid:1',
      ...transport,
      'a=rtpmap:111 opus/48000/2',
      'a=fmtp:111 minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1',
      'a=msid:rts audio',
      'a=ssrc:22 cname:viewer',
      ...candidates,
      'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 0.0.0.0',
      'a=mid:2',
      'a=inactive',
      '',
    ]);
  });

  it('keeps a section of a bundle in which nothing is sent', () => {
    const answer = writeAnswer(offer(), { ...ANSWER, tracks: [undefined, ANSWER.tracks[1], undefined] });
    expect(answer).toContain('a=group:BUNDLE 0 1\r\n');
    const [, video = ''] = answer.split('m=');
    expect(video).toMatch(/^video 9000 UDP\/TLS\/RTP\/SAVPF 108\r\n/);
    expect(video).toContain('a=inactive\r\n');
    expect(video).not.toMatch(/a=(sendonly|msid|ssrc)/);
  });

  it('to somebody who bundles nothing names no bundle, and refuses what is not sent', () => {
    const alone = offer(OFFER.replace(/a=group.*\r\n/, ''));
    expect(writeAnswer(alone, ANSWER)).not.toContain('BUNDLE');
    const answer = writeAnswer(alone, { ...ANSWER, tracks: [undefined, ANSWER.tracks[1], undefined] });
    expect(answer).toContain('m=video 0 UDP/TLS/RTP/SAVPF 96 102 104 108\r\n');
  });
});

it('an offer has a bounded number of sections, and of many formats the usual one is found', () => {
  const head = ['v=0', 'a=fingerprint:sha-256 AB', 'a=ice-ufrag:a'];
  const section = ['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0'];
  const offer = (sections: number) => [...head, ...Array.from({ length: sections }, () => section).flat()].join('\r\n');
  expect(parseOffer(offer(32))?.sections).toHaveLength(32);
  expect(parseOffer(offer(33))).toBeUndefined();
  const formats = Array.from({ length: 1_000 }, (_, index) => [
    `a=rtpmap:${index} H264/90000`,
    `a=fmtp:${index} packetization-mode=1;profile-level-id=${index === 777 ? '42e01f' : '640028'}`,
  ]);
  const long = [...head, ...section, ...formats.flat()].join('\r\n');
  expect(parseOffer(long)?.sections[0]?.codec).toEqual({ payloadType: 777, profileLevelId: '42e01f' });
});
