/**
 * SRTP and SRTCP: the encryption for one viewer. RFC 3711, and RFC 7714 for AES-GCM.
 *
 * Most of the CPU time per packet is spent here, so it is written for speed: keys are derived once, and a packet is built
 * in one buffer.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';

/** RFC 5764 clause 4.1.2 and RFC 7714 clause 14.2. */
export const SRTP_PROFILE = { aes128CmHmacSha1: 0x0001, aeadAes128Gcm: 0x0007 } as const;
export type SrtpProfile = (typeof SRTP_PROFILE)[keyof typeof SRTP_PROFILE];

export interface MasterKey {
  readonly key: Buffer;
  readonly salt: Buffer;
}

export const MASTER_KEY_SIZE_BYTES = 16;

export function masterSaltSizeBytes(profile: SrtpProfile): number {
  return profile === SRTP_PROFILE.aeadAes128Gcm ? 12 : 14;
}

/** Returns memory for a datagram. */
export type Allocate = (sizeBytes: number) => Buffer;

/** Encrypts one direction. */
export interface Protection {
  /** @param index the sequence number with its rollovers, 48 bits; `header` is that of RTP, 12 bytes */
  rtp(header: Buffer, payload: Buffer, index: number): Buffer;
  /** @param index number of the packet, from 0 */
  rtcp(packet: Buffer, index: number): Buffer;
}

/** Decrypts RTCP of the other direction; `undefined` when a packet was not encrypted with the key. */
export type RtcpUnprotect = (datagram: Buffer) => Buffer | undefined;

const RTP_HEADER_SIZE_BYTES = 12;
/** The first header of a compound packet, with the SSRC, is not encrypted. RFC 3711 clause 3.4. */
const RTCP_CLEAR_SIZE_BYTES = 8;
const RTCP_INDEX_SIZE_BYTES = 4;
const ENCRYPTED_FLAG = 0x80000000;
const GCM_TAG_SIZE_BYTES = 16;
const HMAC_TAG_SIZE_BYTES = 10;
const HMAC_KEY_SIZE_BYTES = 20;
/** RFC 3711 clause 4.3.2. */
const LABEL = { rtp: 0, rtcp: 3 } as const;

interface SessionKey {
  readonly cipher: KeyObject;
  readonly authentication: KeyObject;
  /** As long as the initialization vectors that use it. */
  readonly salt: Buffer;
}

/** @param allocate by default new memory for every packet */
export function createProtection(
  profile: SrtpProfile,
  master: MasterKey,
  allocate: Allocate = Buffer.allocUnsafe,
): Protection {
  const rtp = deriveKey(master, LABEL.rtp, profile);
  const rtcp = deriveKey(master, LABEL.rtcp, profile);
  return profile === SRTP_PROFILE.aeadAes128Gcm
    ? gcmProtection(rtp, rtcp, allocate)
    : counterModeProtection(rtp, rtcp, allocate);
}

export function createRtcpUnprotect(profile: SrtpProfile, master: MasterKey): RtcpUnprotect {
  const key = deriveKey(master, LABEL.rtcp, profile);
  return profile === SRTP_PROFILE.aeadAes128Gcm ? gcmRtcpUnprotect(key) : counterModeRtcpUnprotect(key);
}

/** RFC 3711 clause 4.3, with a key derivation rate of zero; salts of 12 bytes are padded as RFC 7714 clause 11 says. */
function deriveKey({ key, salt }: MasterKey, firstLabel: number, profile: SrtpProfile): SessionKey {
  const derive = (label: number, sizeBytes: number): Buffer => {
    const vector = Buffer.alloc(16);
    salt.copy(vector);
    vector[7] = (vector[7] ?? 0) ^ label;
    return createCipheriv('aes-128-ctr', key, vector).update(Buffer.alloc(sizeBytes));
  };
  const saltSizeBytes = masterSaltSizeBytes(profile);
  const vectorSizeBytes = profile === SRTP_PROFILE.aeadAes128Gcm ? 12 : 16;
  return {
    cipher: createSecretKey(derive(firstLabel, MASTER_KEY_SIZE_BYTES)),
    authentication: createSecretKey(derive(firstLabel + 1, HMAC_KEY_SIZE_BYTES)),
    salt: Buffer.concat([derive(firstLabel + 2, saltSizeBytes), Buffer.alloc(4)], vectorSizeBytes),
  };
}

function gcmProtection(rtpKey: SessionKey, rtcpKey: SessionKey, allocate: Allocate): Protection {
  return {
    rtp(header, payload, index) {
      const sealed = allocate(header.length + payload.length + GCM_TAG_SIZE_BYTES);
      const vector = gcmVector(rtpKey.salt, header.readUInt32BE(8), index);
      gcmSeal(rtpKey.cipher, vector, header, header, payload, sealed);
      return sealed;
    },
    rtcp(packet, index) {
      const head = packet.subarray(0, RTCP_CLEAR_SIZE_BYTES);
      const trailer = Buffer.alloc(RTCP_INDEX_SIZE_BYTES);
      trailer.writeUInt32BE((index | ENCRYPTED_FLAG) >>> 0);
      const vector = gcmVector(rtcpKey.salt, packet.readUInt32BE(4), index);
      const authenticated = Buffer.concat([head, trailer]);
      const body = packet.subarray(RTCP_CLEAR_SIZE_BYTES);
      const sealed = allocate(packet.length + GCM_TAG_SIZE_BYTES + RTCP_INDEX_SIZE_BYTES);
      gcmSeal(rtcpKey.cipher, vector, authenticated, head, body, sealed);
      trailer.copy(sealed, sealed.length - RTCP_INDEX_SIZE_BYTES);
      return sealed;
    },
  };
}

/**
 * RFC 7714 clauses 8.1 and 9.1: SSRC, then rollover counter and sequence number, or the index of SRTCP. Both fit the 48
 * bits of `index`.
 */
function gcmVector(salt: Buffer, ssrc: number, index: number): Buffer {
  const vector = Buffer.allocUnsafe(12);
  vector.writeUInt16BE(0, 0);
  vector.writeUInt32BE(ssrc, 2);
  vector.writeUIntBE(index, 6, 6);
  for (let at = 0; at < 12; at++) vector[at] = (vector[at] ?? 0) ^ (salt[at] ?? 0);
  return vector;
}

/** Writes `head`, the encrypted body and the tag. */
function gcmSeal(
  key: KeyObject,
  vector: Buffer,
  authenticated: Buffer,
  head: Buffer,
  body: Buffer,
  target: Buffer,
): void {
  const cipher = createCipheriv('aes-128-gcm', key, vector);
  cipher.setAAD(authenticated);
  head.copy(target, 0);
  cipher.update(body).copy(target, head.length);
  cipher.final();
  cipher.getAuthTag().copy(target, head.length + body.length);
}

function gcmRtcpUnprotect({ cipher, salt }: SessionKey): RtcpUnprotect {
  return (datagram) => {
    const trailerStart = datagram.length - RTCP_INDEX_SIZE_BYTES;
    const tagStart = trailerStart - GCM_TAG_SIZE_BYTES;
    if (tagStart < RTCP_CLEAR_SIZE_BYTES) return undefined;
    const index = datagram.readUInt32BE(trailerStart) & 0x7fffffff;
    const head = datagram.subarray(0, RTCP_CLEAR_SIZE_BYTES);
    const decipher = createDecipheriv('aes-128-gcm', cipher, gcmVector(salt, datagram.readUInt32BE(4), index));
    decipher.setAAD(Buffer.concat([head, datagram.subarray(trailerStart)]));
    decipher.setAuthTag(datagram.subarray(tagStart, trailerStart));
    const body = decipher.update(datagram.subarray(RTCP_CLEAR_SIZE_BYTES, tagStart));
    try {
      decipher.final();
    } catch {
      // From another sender, or damaged: it has to be dropped silently (RFC 3711 clause 3.3).
      return undefined;
    }
    return Buffer.concat([head, body]);
  };
}

function counterModeProtection(rtpKey: SessionKey, rtcpKey: SessionKey, allocate: Allocate): Protection {
  return {
    rtp(header, payload, index) {
      const vector = counterModeVector(rtpKey.salt, header.readUInt32BE(8), index);
      const size = RTP_HEADER_SIZE_BYTES + payload.length;
      // The rollover counter is authenticated too: it is written where the tag will be. RFC 3711 clause 4.2.
      const sealed = allocate(size + HMAC_TAG_SIZE_BYTES);
      header.copy(sealed, 0);
      createCipheriv('aes-128-ctr', rtpKey.cipher, vector).update(payload).copy(sealed, RTP_HEADER_SIZE_BYTES);
      sealed.writeUInt32BE(Math.floor(index / 0x10000) >>> 0, size);
      hmacTag(rtpKey, sealed.subarray(0, size + 4)).copy(sealed, size);
      return sealed;
    },
    rtcp(packet, index) {
      const vector = counterModeVector(rtcpKey.salt, packet.readUInt32BE(4), index);
      const size = packet.length + RTCP_INDEX_SIZE_BYTES;
      const sealed = allocate(size + HMAC_TAG_SIZE_BYTES);
      packet.copy(sealed, 0, 0, RTCP_CLEAR_SIZE_BYTES);
      const cipher = createCipheriv('aes-128-ctr', rtcpKey.cipher, vector);
      cipher.update(packet.subarray(RTCP_CLEAR_SIZE_BYTES)).copy(sealed, RTCP_CLEAR_SIZE_BYTES);
      sealed.writeUInt32BE((index | ENCRYPTED_FLAG) >>> 0, packet.length);
      hmacTag(rtcpKey, sealed.subarray(0, size)).copy(sealed, size);
      return sealed;
    },
  };
}

/** RFC 3711 clause 4.1.1. */
function counterModeVector(salt: Buffer, ssrc: number, index: number): Buffer {
  const vector = Buffer.alloc(16);
  vector.writeUInt32BE(ssrc, 4);
  vector.writeUIntBE(index, 8, 6);
  for (let at = 0; at < 14; at++) vector[at] = (vector[at] ?? 0) ^ (salt[at] ?? 0);
  return vector;
}

function hmacTag({ authentication }: SessionKey, covered: Buffer): Buffer {
  return createHmac('sha1', authentication).update(covered).digest().subarray(0, HMAC_TAG_SIZE_BYTES);
}

function counterModeRtcpUnprotect(key: SessionKey): RtcpUnprotect {
  return (datagram) => {
    const tagStart = datagram.length - HMAC_TAG_SIZE_BYTES;
    const trailerStart = tagStart - RTCP_INDEX_SIZE_BYTES;
    if (trailerStart < RTCP_CLEAR_SIZE_BYTES) return undefined;
    if (!timingSafeEqual(hmacTag(key, datagram.subarray(0, tagStart)), datagram.subarray(tagStart))) return undefined;
    const head = datagram.subarray(0, RTCP_CLEAR_SIZE_BYTES);
    const index = datagram.readUInt32BE(trailerStart) & 0x7fffffff;
    const vector = counterModeVector(key.salt, datagram.readUInt32BE(4), index);
    const decipher = createDecipheriv('aes-128-ctr', key.cipher, vector);
    return Buffer.concat([head, decipher.update(datagram.subarray(RTCP_CLEAR_SIZE_BYTES, trailerStart))]);
  };
}
