/** What viewers send: signalling, ICE and RTCP. */
import { BadOffer, readOffer } from '../../src/watch/signalling.ts';
import { mayBeViewer, readUser, readWatchAddress, readWishes } from '../../src/watch/watch-call.ts';
import { parseMissedPackets } from '../../src/watch/web-rtc/rtcp.ts';
import { parseOffer } from '../../src/watch/web-rtc/sdp.ts';
import {
  createProtection,
  createRtcpUnprotect,
  MASTER_KEY_SIZE_BYTES,
  MASTER_SALT_SIZE_BYTES,
} from '../../src/watch/web-rtc/srtp.ts';
import { parseBindingRequest } from '../../src/watch/web-rtc/stun.ts';
import { type FuzzTarget, tolerating } from './fuzz-target.ts';
import { mutate, mutateText, pick } from './mutate.ts';

const SDP = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'a=msid-semantic: WMS',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 102',
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789abcdefghijklmn',
  'a=ice-options:trickle',
  `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=recvonly',
  'a=rtcp-mux',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  'a=rtcp-fb:102 nack',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 0',
  'a=mid:1',
  'a=recvonly',
  'a=rtpmap:111 opus/48000/2',
  'a=candidate:1 1 udp 1 10.0.0.1 9 typ host',
  '',
].join('\r\n');
const SDP_TOKENS = [
  '\r\n',
  '\n',
  'm=',
  'a=',
  'a=mid:',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n',
  'a=rtpmap:',
  'a=fmtp:',
  ' 255',
  ' -1',
  '4294967296',
  ':',
  ';',
  'v=0',
];
const OFFERS = [SDP, SDP.replaceAll('\r\n', '\n'), JSON.stringify({ jsep: { type: 'offer', sdp: SDP }, mode: 'live' })];
const CONTENT_TYPES = ['application/sdp', 'application/json', 'text/plain'];

const PASSWORD = '0123456789abcdefghijklmn';
const bindings = ['000100402112a442000000000000000000000000', '000100002112a442000000000000000000000000'].map(
  (header) => {
    const username = Buffer.concat([Buffer.from('00060009', 'hex'), Buffer.from('abcd:efgh'), Buffer.alloc(3)]);
    const attributes = Buffer.concat([
      username,
      Buffer.from('00250000', 'hex'),
      Buffer.from('00080014', 'hex'),
      Buffer.alloc(20),
      Buffer.from('8028000400000000', 'hex'),
    ]);
    const message = Buffer.concat([Buffer.from(header, 'hex'), attributes]);
    message.writeUInt16BE(attributes.length, 2);
    return message;
  },
);

const receiverReport = Buffer.from('81c9000700000001000000020000000000000064000000000000000000000000', 'hex');
const nack = Buffer.from('81cd00030000000100000002000a8001', 'hex');
const pictureLoss = Buffer.from('81ce00020000000100000002', 'hex');
const compounds = [
  Buffer.concat([receiverReport, nack, pictureLoss]),
  nack,
  Buffer.concat([nack, nack, receiverReport]),
];
const master = { key: Buffer.alloc(MASTER_KEY_SIZE_BYTES, 7), salt: Buffer.alloc(MASTER_SALT_SIZE_BYTES, 9) };
const unprotect = createRtcpUnprotect(master);
const protection = createProtection(master);
const srtcpDatagrams = compounds.map((compound, index) => protection.rtcp(compound, index));

const WATCH_TARGETS_OF = [
  '/app/stream.flv?auth_key=1700000000-0-0-abc',
  '/_emulator/rooms/app/room/user',
  '/_emulator/live/app/s.m3u8',
  '/app/s.12.ts',
  '/app/s@subaudio=no@subvideo=no',
  '/rtc012345/H4sIAAAA.flv?uid=a&vhost=b',
];
const WATCH_TOKENS = [
  '/',
  '//',
  '.flv',
  '.m3u8',
  '.ts',
  '@subaudio=no',
  '@',
  '%2F',
  '%',
  '?',
  '&',
  'vhost=',
  '/_emulator/',
  '..',
];

export const WATCH_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'sdp',
    run(random) {
      const input = mutateText(OFFERS, SDP_TOKENS, random);
      tolerating([BadOffer], input.length, () => {
        const offer = readOffer(pick(CONTENT_TYPES, random), Buffer.from(input));
        return offer && parseOffer(offer.sdp);
      });
    },
  },
  {
    name: 'stun',
    run(random) {
      const input = mutate(bindings, random);
      // The length says where a message ends: most changes would be refused at it.
      if (input.length >= 20 && random(4) > 0) input.writeUInt16BE(input.length - 20, 2);
      tolerating([], input.length, () => {
        const request = parseBindingRequest(input);
        if (!request) return undefined;
        const isKnown = random(16) === 0 && request.isFrom(PASSWORD);
        return [isKnown, request.username, request.nominates];
      });
    },
  },
  {
    name: 'rtcp',
    run(random) {
      const input = mutate(compounds, random);
      tolerating([], input.length, () => parseMissedPackets(input));
    },
  },
  {
    name: 'srtcp',
    run(random) {
      const input = mutate(srtcpDatagrams, random);
      tolerating([], input.length, () => {
        const compound = unprotect(input);
        return compound && parseMissedPackets(compound);
      });
    },
  },
  {
    name: 'watch-address',
    run(random) {
      const url = mutateText(WATCH_TARGETS_OF, WATCH_TOKENS, random);
      tolerating([], url.length, () => {
        const method = pick(['GET', 'POST', 'OPTIONS', 'DELETE'], random);
        const isFor = mayBeViewer({
          method,
          url,
          headers: { 'content-type': pick(CONTENT_TYPES, random), 'content-length': '9' },
        });
        const [path = '', query] = url.split('?');
        const call = {
          method,
          path,
          query: new URLSearchParams(query),
          headers: new Map(),
          host: 'localhost',
          remoteAddr: '127.0.0.1:1',
          target: url,
          isForwarded: false,
        };
        const { call: wished } = readWishes(call);
        return [isFor, readUser(wished), readWatchAddress(wished), readWatchAddress(wished, '.flv')?.name];
      });
    },
  },
];
