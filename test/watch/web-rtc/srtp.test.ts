import { createCipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtectionProfileAes128CmHmacSha1_80, RtpHeader, SrtcpSession, SrtpSession } from 'werift';
import { writeGoodbye, writeSenderReport } from '../../../src/watch/web-rtc/rtcp.ts';
import {
  createProtection,
  createRtcpUnprotect,
  MASTER_KEY_SIZE_BYTES,
  MASTER_SALT_SIZE_BYTES,
  type MasterKey,
} from '../../../src/watch/web-rtc/srtp.ts';

const SSRC = 0x5501a0b2;

function master(seed: number): MasterKey {
  const fill = (sizeBytes: number, offset: number) =>
    Buffer.from(Array.from({ length: sizeBytes }, (_, at) => at * 7 + offset));
  return { key: fill(MASTER_KEY_SIZE_BYTES, seed), salt: fill(MASTER_SALT_SIZE_BYTES, seed + 100) };
}

const ours = master(1);
const theirs = master(2);

/** The peer, with another implementation (werift). */
function peer() {
  const keys = {
    localMasterKey: theirs.key,
    localMasterSalt: theirs.salt,
    remoteMasterKey: ours.key,
    remoteMasterSalt: ours.salt,
  };
  const profile = ProtectionProfileAes128CmHmacSha1_80;
  return { rtp: new SrtpSession({ keys, profile }), rtcp: new SrtcpSession({ keys, profile }) };
}

function rtpHeader(index: number): Buffer {
  const sequenceNumber = index % 2 ** 16;
  return new RtpHeader({ payloadType: 96, sequenceNumber, timestamp: 12_345, ssrc: SSRC, marker: true }).serialize(12);
}

/** A packet as the clauses of RFC 3711 say it, with objects of its own: 4.3.1, 4.1.1, and 4.2. */
function sealedByTheBook(index: number, payload: Buffer): Buffer {
  const derive = (label: bigint, sizeBytes: number) =>
    counterMode(ours.key, (number(ours.salt) ^ (label << 48n)) << 16n, Buffer.alloc(sizeBytes));
  const [cipherKey, hmacKey, salt] = [derive(0n, 16), derive(1n, 20), derive(2n, 14)];
  const counter = (number(salt) << 16n) ^ (BigInt(SSRC) << 64n) ^ (BigInt(index) << 16n);
  const packet = Buffer.concat([rtpHeader(index), counterMode(cipherKey, counter, payload)]);
  const rollovers = Buffer.alloc(4);
  rollovers.writeUInt32BE(Math.floor(index / 2 ** 16));
  const tag = createHmac('sha1', hmacKey).update(packet).update(rollovers).digest().subarray(0, 10);
  return Buffer.concat([packet, tag]);
}

function counterMode(key: Buffer, counter: bigint, text: Buffer): Buffer {
  const vector = Buffer.from(counter.toString(16).padStart(32, '0'), 'hex');
  return createCipheriv('aes-128-ctr', key, vector).update(text);
}

function number(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

describe('SRTP', () => {
  it('is that of the vectors of libsrtp (srtp_validate of its srtp_driver.c), with the key of RFC 3711 B.3', () => {
    const protection = createProtection({
      key: Buffer.from('e1f97a0d3e018be0d64fa32c06de4139', 'hex'),
      salt: Buffer.from('0ec675ad498afeebb6960b3aabe6', 'hex'),
    });
    const header = Buffer.from('800f1234decafbadcafebabe', 'hex');
    expect(protection.rtp(0xcafebabe)(header, Buffer.alloc(16, 0xab), 0x1234).toString('hex')).toBe(
      '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb',
    );
    const report = Buffer.from(`81c8000bcafebabe${'ab'.repeat(16)}`, 'hex');
    expect(protection.rtcp(report, 1).toString('hex')).toBe(
      '81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798',
    );
  });

  it('is read by another implementation', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), fc.nat({ max: 0xffff }), (bytes, sequenceNumber) => {
        const payload = Buffer.from(bytes);
        const sealed = createProtection(ours).rtp(SSRC)(rtpHeader(sequenceNumber), payload, sequenceNumber);
        expect(peer().rtp.decrypt(sealed)).toEqual(Buffer.concat([rtpHeader(sequenceNumber), payload]));
      }),
    );
  });

  it('is the same for a packet whatever was encrypted before, in whichever order', () => {
    const nearby = fc.integer({ min: -40, max: 40 });
    const anywhere = fc.constantFrom(0, 0xffff, 0x10000, 0x7fff_ffff, 2 ** 32, 2 ** 48 - 100);
    const packet = fc.record({
      index: fc.tuple(anywhere, nearby).map(([index, apart]) => Math.max(0, index + apart)),
      payload: fc.uint8Array({ maxLength: 1300, size: 'max' }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 20 }), (packets) => {
        const seal = createProtection(ours).rtp(SSRC);
        for (const { index, payload } of packets) {
          expect(seal(rtpHeader(index), payload, index)).toEqual(sealedByTheBook(index, payload));
        }
      }),
    );
  });

  it('is the same for a run of packets, over the end of the sequence numbers', () => {
    const seal = createProtection(ours).rtp(SSRC);
    for (let index = 0xffff - 50; index < 0x10000 + 50; index++) {
      const payload = Buffer.alloc(index % 1201, index);
      expect(seal(rtpHeader(index), payload, index)).toEqual(sealedByTheBook(index, payload));
    }
  });

  it('goes on for another implementation when the sequence numbers begin again', () => {
    const seal = createProtection(ours).rtp(SSRC);
    const { rtp } = peer();
    for (const index of [0xfffe, 0xffff, 0x10000, 0x10001]) {
      const header = rtpHeader(index);
      expect(rtp.decrypt(seal(header, Buffer.from('x'), index))).toEqual(Buffer.concat([header, Buffer.from('x')]));
    }
  });

  it('carries reports that are read there, and reads those from there', () => {
    const report = writeSenderReport({ ssrc: SSRC, wallMs: 1e12, ticks: 5, packets: 6, payloadBytes: 7 }, 'name');
    const { rtcp } = peer();
    const protection = createProtection(ours);
    expect(rtcp.decrypt(protection.rtcp(report, 0))).toEqual(report);
    expect(rtcp.decrypt(protection.rtcp(report, 1))).toEqual(report);
    const unprotect = createRtcpUnprotect(theirs);
    expect(unprotect(rtcp.encrypt(writeGoodbye(SSRC)))).toEqual(writeGoodbye(SSRC));
  });

  it('does not read what was changed on the way, or is too short', () => {
    const sealed = peer().rtcp.encrypt(writeGoodbye(SSRC));
    const unprotect = createRtcpUnprotect(theirs);
    for (let at = 0; at < sealed.length; at++) {
      const damaged = Buffer.from(sealed);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(unprotect(damaged)).toBeUndefined();
      expect(unprotect(sealed.subarray(0, at))).toBeUndefined();
    }
  });
});
