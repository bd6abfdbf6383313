import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { Broadcast } from '../../../src/watch/broadcast.ts';
import type { WatchableStream } from '../../../src/watch/watchable.ts';
import type { Dtls, DtlsEvents } from '../../../src/watch/web-rtc/dtls.ts';
import { createProtection, MASTER_KEY_SIZE_BYTES, MASTER_SALT_SIZE_BYTES } from '../../../src/watch/web-rtc/srtp.ts';
import { type IcePeer, parseBindingRequest } from '../../../src/watch/web-rtc/stun.ts';
import { ViewerConnection } from '../../../src/watch/web-rtc/viewer.ts';
import { bindingRequest } from '../support/bare-viewer.ts';

const LOCAL = { address: '127.0.0.1', port: 50_000 };
const ELSEWHERE = { address: '192.0.2.1', port: 50_000 };
const PASSWORD = 'the password of our side';
const VIDEO = { kind: 'video', payloadType: 96, ssrc: 7 } as const;
const MASTER_KEY = {
  key: Buffer.alloc(MASTER_KEY_SIZE_BYTES, 1),
  salt: Buffer.alloc(MASTER_SALT_SIZE_BYTES, 2),
};
/** SPS and PPS of a 16x16 picture; NAL units have lengths of four bytes. */
const AVC_RECORD = Buffer.from('0164000affe1000767640028acd94001000668ebe3cb22c0', 'hex');
/** So many bytes of a NAL unit fit into one packet. */
const FRAGMENT_SIZE_BYTES = 1198;

const STREAM: WatchableStream = { recent: () => [], stat: () => ({}), watch: () => () => {} };

/** A viewer that admits only peers of this machine, over a transport that collects datagrams in a list. */
function startViewer() {
  const clock = new ManualClock(0);
  const broadcast = new Broadcast(STREAM, { clock, log: silentLog });
  const sent: Buffer[] = [];
  const found: IcePeer[] = [];
  let handshake: DtlsEvents | undefined;
  const dtls: Dtls = {
    sha256Fingerprint: '',
    connect(_remote, events) {
      handshake = events;
      return { receive: () => {}, close: () => {} };
    },
  };
  const viewer = new ViewerConnection({
    ufrag: 'ours',
    password: PASSWORD,
    cname: 'viewer',
    fingerprint: { algorithm: 'sha256', digest: '' },
    video: VIDEO,
    audio: undefined,
    broadcast,
    dtls,
    clock,
    allocate: (sizeBytes) => Buffer.alloc(sizeBytes),
    isFor: ({ address }) => address === LOCAL.address,
    send: (datagram) => sent.push(datagram),
    onFound: (peer) => found.push(peer),
    onPlaying: () => {},
    onEnded: () => {},
  });
  broadcast.add(viewer);
  const check = (peer: IcePeer, password: string) => {
    const request = parseBindingRequest(bindingRequest({ ufrag: 'ours', password, port: 0 }, true));
    if (!request) throw new Error('this is no binding request');
    viewer.check(request, peer);
  };
  return { clock, broadcast, viewer, sent, found, check, handshake: () => handshake };
}

describe('a check of ICE', () => {
  it.each([
    ['without the password', LOCAL, `${PASSWORD}x`],
    ['from an address that may not watch', ELSEWHERE, PASSWORD],
  ])('%s is not answered, and begins nothing', (_, peer, password) => {
    const { sent, found, check, handshake } = startViewer();
    check(peer, password);
    expect([sent, found, handshake()]).toEqual([[], [], undefined]);
    check(LOCAL, PASSWORD);
    expect([sent.length, found]).toEqual([1, [LOCAL]]);
    expect(handshake()).toBeDefined();
  });
});

describe('packets that a viewer misses', () => {
  it.each([
    [63, 63],
    [64, 64],
    [65, 64],
    [200, 64],
  ])('are sent again, 64 of one request at most: of %i, %i', (missed, resent) => {
    const { clock, broadcast, viewer, sent, check, handshake } = startViewer();
    check(LOCAL, PASSWORD);
    broadcast.videoConfig(AVC_RECORD);
    handshake()?.onKeys({ local: MASTER_KEY, remote: MASTER_KEY });
    broadcast.write({ kind: 'video', dtsMs: 0, compositionMs: 0, keyFrame: true, data: keyFrame(200) });
    clock.advance(1_000);
    const first = sent.findIndex((datagram) => ((datagram[1] ?? 0) & 0x7f) === VIDEO.payloadType);
    expect(sent.length - first).toBeGreaterThanOrEqual(200);
    const before = sent.slice(first, first + resent);
    sent.length = 0;
    const request = nack(before[0]?.readUInt16BE(2) ?? 0, missed);
    viewer.receive(createProtection(MASTER_KEY).rtcp(request, 0));
    expect(sent).toEqual(before);
  });
});

/** A key frame that fills `packets` packets. */
function keyFrame(packets: number): Buffer {
  const slice = Buffer.concat([Buffer.from('6588', 'hex')], 1 + packets * FRAGMENT_SIZE_BYTES);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(slice.length);
  return Buffer.concat([length, slice]);
}

/** A NACK for `count` consecutive packets: each entry names one packet and up to 16 after it. RFC 4585 clause 6.2.1. */
function nack(firstSequenceNumber: number, count: number): Buffer {
  const entries = Math.ceil(count / 17);
  const packet = Buffer.alloc(12 + entries * 4);
  packet.writeUInt8(0x81, 0);
  packet.writeUInt8(205, 1);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(VIDEO.ssrc, 8);
  for (let entry = 0; entry < entries; entry++) {
    const following = Math.min(16, count - entry * 17 - 1);
    packet.writeUInt16BE((firstSequenceNumber + entry * 17) & 0xffff, 12 + entry * 4);
    packet.writeUInt16BE(2 ** following - 1, 14 + entry * 4);
  }
  return packet;
}
