import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpHeader, SrtcpSession, SrtpSession } from 'werift';
import { writeGoodbye, writeSenderReport } from '../../../src/watch/web-rtc/rtcp.ts';
import {
  createProtection,
  createRtcpUnprotect,
  MASTER_KEY_SIZE_BYTES,
  type MasterKey,
  masterSaltSizeBytes,
  SRTP_PROFILE,
  type SrtpProfile,
} from '../../../src/watch/web-rtc/srtp.ts';

const SSRC = 0x5501a0b2;

function master(profile: SrtpProfile, seed: number): MasterKey {
  const fill = (sizeBytes: number, offset: number) =>
    Buffer.from(Array.from({ length: sizeBytes }, (_, at) => at * 7 + offset));
  return { key: fill(MASTER_KEY_SIZE_BYTES, seed), salt: fill(masterSaltSizeBytes(profile), seed + 100) };
}

/** The peer, with another implementation (werift). */
function peer(profile: SrtpProfile, ours: MasterKey, theirs: MasterKey) {
  const keys = {
    localMasterKey: theirs.key,
    localMasterSalt: theirs.salt,
    remoteMasterKey: ours.key,
    remoteMasterSalt: ours.salt,
  };
  return { rtp: new SrtpSession({ keys, profile }), rtcp: new SrtcpSession({ keys, profile }) };
}

function rtpHeader(sequenceNumber: number): Buffer {
  return new RtpHeader({ payloadType: 96, sequenceNumber, timestamp: 12_345, ssrc: SSRC, marker: true }).serialize(12);
}

describe.each([
  ['AEAD_AES_128_GCM', SRTP_PROFILE.aeadAes128Gcm],
  ['AES128_CM_HMAC_SHA1_80', SRTP_PROFILE.aes128CmHmacSha1],
])('SRTP with %s', (_name, profile) => {
  const ours = master(profile, 1);
  const theirs = master(profile, 2);

  it('is read by another implementation', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), fc.nat({ max: 0xffff }), (bytes, sequenceNumber) => {
        const payload = Buffer.from(bytes);
        const sealed = createProtection(profile, ours).rtp(rtpHeader(sequenceNumber), payload, sequenceNumber);
        expect(peer(profile, ours, theirs).rtp.decrypt(sealed)).toEqual(
          Buffer.concat([rtpHeader(sequenceNumber), payload]),
        );
      }),
    );
  });

  it('goes on when the sequence numbers begin again', () => {
    const protection = createProtection(profile, ours);
    const { rtp } = peer(profile, ours, theirs);
    for (const index of [0xfffe, 0xffff, 0x10000, 0x10001]) {
      const header = rtpHeader(index & 0xffff);
      expect(rtp.decrypt(protection.rtp(header, Buffer.from('x'), index))).toEqual(
        Buffer.concat([header, Buffer.from('x')]),
      );
    }
  });

  it('carries reports that are read there, and reads those from there', () => {
    const report = writeSenderReport({ ssrc: SSRC, wallMs: 1e12, ticks: 5, packets: 6, payloadBytes: 7 }, 'name');
    const { rtcp } = peer(profile, ours, theirs);
    const protection = createProtection(profile, ours);
    expect(rtcp.decrypt(protection.rtcp(report, 0))).toEqual(report);
    expect(rtcp.decrypt(protection.rtcp(report, 1))).toEqual(report);
    const unprotect = createRtcpUnprotect(profile, theirs);
    expect(unprotect(rtcp.encrypt(writeGoodbye(SSRC)))).toEqual(writeGoodbye(SSRC));
  });

  it('does not read what was changed on the way, or is too short', () => {
    const sealed = peer(profile, ours, theirs).rtcp.encrypt(writeGoodbye(SSRC));
    const unprotect = createRtcpUnprotect(profile, theirs);
    for (let at = 0; at < sealed.length; at++) {
      const damaged = Buffer.from(sealed);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(unprotect(damaged)).toBeUndefined();
      expect(unprotect(sealed.subarray(0, at))).toBeUndefined();
    }
  });
});
