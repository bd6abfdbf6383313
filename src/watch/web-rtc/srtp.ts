/**
 * SRTP and SRTCP, RFC 3711: the encryption for one viewer.
 *
 * Most of the CPU time per packet is spent here. The only profile is AES-CM with HMAC-SHA1: every implementation of WebRTC
 * has it (RFC 8827 clause 6.5), and it can be computed without an object of `node:crypto` per packet, unlike AES-GCM.
 */
import {
  type Cipher,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';

/** RFC 5764 clause 4.1.2. */
export const SRTP_AES128_CM_HMAC_SHA1_80 = 0x0001;

export interface MasterKey {
  readonly key: Buffer;
  readonly salt: Buffer;
}

export const MASTER_KEY_SIZE_BYTES = 16;
export const MASTER_SALT_SIZE_BYTES = 14;

/** Returns memory for a datagram. */
export type Allocate = (sizeBytes: number) => Buffer;

/** Encrypts an RTP packet. @param index the sequence number with its rollovers, 48 bits */
export type SealRtp = (header: Buffer, payload: Buffer, index: number) => Buffer;

/** Encrypts one direction. */
export interface Protection {
  /** For the packets of one track. */
  rtp(ssrc: number): SealRtp;
  /** @param index number of the packet, from 0 */
  rtcp(packet: Buffer, index: number): Buffer;
}

/** Decrypts RTCP of the other direction; `undefined` when a packet was not encrypted with the key. */
export type RtcpUnprotect = (datagram: Buffer) => Buffer | undefined;

/** The first header of a compound packet, with the SSRC, is not encrypted. RFC 3711 clause 3.4. */
const RTCP_CLEAR_SIZE_BYTES = 8;
const RTCP_INDEX_SIZE_BYTES = 4;
const ROLLOVER_SIZE_BYTES = 4;
const ENCRYPTED_FLAG = 0x80000000;
const TAG_SIZE_BYTES = 10;
const BLOCK_SIZE_BYTES = 16;
/** Fewer cost more calls of OpenSSL, more have no effect. */
const PACKETS_AHEAD = 16;
const HMAC_KEY_SIZE_BYTES = 20;
const HASH_BLOCK_SIZE_BYTES = 64;
const DIGEST_SIZE_BYTES = 20;
/** RFC 3711 clause 4.3.2. */
const LABEL = { rtp: 0, rtcp: 3 } as const;

interface SessionKey {
  readonly cipher: KeyObject;
  readonly authentication: Buffer;
  readonly salt: Buffer;
}

/** @param allocate by default new memory for every packet */
export function createProtection(master: MasterKey, allocate: Allocate = Buffer.allocUnsafe): Protection {
  const rtpKey = deriveKey(master, LABEL.rtp);
  const rtcpKey = deriveKey(master, LABEL.rtcp);
  const rtcpHmac = new HmacSha1(rtcpKey.authentication);
  return {
    rtp: (ssrc) => sealRtp(rtpKey, ssrc, allocate),
    rtcp(packet, index) {
      const size = packet.length + RTCP_INDEX_SIZE_BYTES;
      const sealed = allocate(size + TAG_SIZE_BYTES);
      packet.copy(sealed, 0, 0, RTCP_CLEAR_SIZE_BYTES);
      const counter = firstCounter(rtcpKey.salt, packet.readUInt32BE(4), index);
      const cipher = createCipheriv('aes-128-ctr', rtcpKey.cipher, counter);
      cipher.update(packet.subarray(RTCP_CLEAR_SIZE_BYTES)).copy(sealed, RTCP_CLEAR_SIZE_BYTES);
      sealed.writeUInt32BE((index | ENCRYPTED_FLAG) >>> 0, packet.length);
      rtcpHmac.tag(sealed, size).copy(sealed, size);
      return sealed;
    },
  };
}

export function createRtcpUnprotect(master: MasterKey): RtcpUnprotect {
  const key = deriveKey(master, LABEL.rtcp);
  const hmac = new HmacSha1(key.authentication);
  return (datagram) => {
    const tagStart = datagram.length - TAG_SIZE_BYTES;
    const trailerStart = tagStart - RTCP_INDEX_SIZE_BYTES;
    if (trailerStart < RTCP_CLEAR_SIZE_BYTES) return undefined;
    // From another sender, or damaged: it has to be dropped silently (RFC 3711 clause 3.3).
    if (!timingSafeEqual(hmac.tag(datagram, tagStart), datagram.subarray(tagStart))) return undefined;
    const head = datagram.subarray(0, RTCP_CLEAR_SIZE_BYTES);
    const index = datagram.readUInt32BE(trailerStart) & 0x7fffffff;
    const counter = firstCounter(key.salt, datagram.readUInt32BE(4), index);
    const decipher = createDecipheriv('aes-128-ctr', key.cipher, counter);
    return Buffer.concat([head, decipher.update(datagram.subarray(RTCP_CLEAR_SIZE_BYTES, trailerStart))]);
  };
}

/** RFC 3711 clause 4.3, with a key derivation rate of zero. */
function deriveKey({ key, salt }: MasterKey, firstLabel: number): SessionKey {
  const derive = (label: number, sizeBytes: number): Buffer => {
    const counter = Buffer.concat([salt], BLOCK_SIZE_BYTES);
    counter[7] = (counter[7] ?? 0) ^ label;
    return createCipheriv('aes-128-ctr', key, counter).update(Buffer.alloc(sizeBytes));
  };
  return {
    cipher: createSecretKey(derive(firstLabel, MASTER_KEY_SIZE_BYTES)),
    authentication: derive(firstLabel + 1, HMAC_KEY_SIZE_BYTES),
    salt: derive(firstLabel + 2, MASTER_SALT_SIZE_BYTES),
  };
}

function sealRtp(key: SessionKey, ssrc: number, allocate: Allocate): SealRtp {
  const keyStream = new KeyStream(key, ssrc);
  const hmac = new HmacSha1(key.authentication);
  return (header, payload, index) => {
    const size = header.length + payload.length;
    const sealed = allocate(size + TAG_SIZE_BYTES);
    header.copy(sealed);
    keyStream.encrypt(payload, index, sealed, header.length);
    // The rollover counter is authenticated too: it is written where the tag will be. RFC 3711 clause 4.2.
    sealed.writeUInt32BE(rolloversOf(index), size);
    hmac.tag(sealed, size + ROLLOVER_SIZE_BYTES).copy(sealed, size);
    return sealed;
  };
}

/** The counter of the first block of a packet. RFC 3711 clause 4.1.1. */
function firstCounter(salt: Buffer, ssrc: number, index: number): Buffer {
  const counter = Buffer.concat([salt], BLOCK_SIZE_BYTES);
  counter.writeUInt32BE((counter.readUInt32BE(4) ^ ssrc) >>> 0, 4);
  counter.writeUInt32BE((counter.readUInt32BE(8) ^ rolloversOf(index)) >>> 0, 8);
  counter.writeUInt16BE(counter.readUInt16BE(12) ^ (index & 0xffff), 12);
  return counter;
}

function rolloversOf(index: number): number {
  return Math.floor(index / 0x10000) >>> 0;
}

/**
 * AES in counter mode for the packets of one track. A cipher object costs more than what it encrypts, so there is one for
 * all packets, and it makes the key stream of several packets at a time, which does not depend on what they contain.
 */
class KeyStream {
  /** ECB of distinct counters is counter mode. */
  readonly #cipher: Cipher;
  /** The counter of a packet with index 0, in words of 32 bits. */
  readonly #counter: readonly [number, number, number, number];
  /** Room for the longest packet so far, in whole blocks, and the same as words. */
  #bytes = Buffer.alloc(0);
  #words = new Int32Array(0);
  #counters = new DataView(new ArrayBuffer(0));
  #stream = new Int32Array(0);
  /** Of the first packet that has a part of `#stream`. */
  #firstIndex = -PACKETS_AHEAD;

  constructor({ cipher, salt }: SessionKey, ssrc: number) {
    const counter = firstCounter(salt, ssrc, 0);
    this.#counter = [counter.readInt32BE(0), counter.readInt32BE(4), counter.readInt32BE(8), counter.readInt32BE(12)];
    this.#cipher = createCipheriv('aes-128-ecb', cipher, null).setAutoPadding(false);
  }

  /** Writes the encrypted payload to `target`, at `start`. */
  encrypt(payload: Buffer, index: number, target: Buffer, start: number): void {
    if (payload.length > this.#bytes.length) this.#enlarge(payload.length);
    if (index < this.#firstIndex || index >= this.#firstIndex + PACKETS_AHEAD) this.#makeStream(index);
    const [bytes, words, stream] = [this.#bytes, this.#words, this.#stream];
    payload.copy(bytes);
    const used = Math.ceil(payload.length / 4);
    const first = (index - this.#firstIndex) * words.length;
    for (let at = 0; at < used; at++) words[at] = (words[at] ?? 0) ^ (stream[first + at] ?? 0);
    bytes.copy(target, start, 0, payload.length);
  }

  #enlarge(sizeBytes: number): void {
    const wholeSizeBytes = Math.ceil(sizeBytes / BLOCK_SIZE_BYTES) * BLOCK_SIZE_BYTES;
    this.#bytes = Buffer.allocUnsafeSlow(wholeSizeBytes);
    this.#words = new Int32Array(this.#bytes.buffer);
    this.#counters = new DataView(new ArrayBuffer(wholeSizeBytes * PACKETS_AHEAD));
    this.#firstIndex = -PACKETS_AHEAD;
  }

  /** Makes the key stream from a packet on. */
  #makeStream(firstIndex: number): void {
    const [first, second, third, fourth] = this.#counter;
    const counters = this.#counters;
    const blocks = this.#bytes.length / BLOCK_SIZE_BYTES;
    let at = 0;
    for (let index = firstIndex; index < firstIndex + PACKETS_AHEAD; index++) {
      const thirdOfPacket = third ^ rolloversOf(index);
      const fourthOfPacket = fourth ^ (index << 16);
      for (let block = 0; block < blocks; block++) {
        counters.setInt32(at, first);
        counters.setInt32(at + 4, second);
        counters.setInt32(at + 8, thirdOfPacket);
        counters.setInt32(at + 12, fourthOfPacket ^ block);
        at += BLOCK_SIZE_BYTES;
      }
    }
    const { buffer, byteOffset, length } = this.#cipher.update(counters);
    this.#stream = new Int32Array(buffer, byteOffset, length / 4);
    this.#firstIndex = firstIndex;
  }
}

/** RFC 2104, with SHA-1 of whole messages: the object of `createHmac` costs as much as both of them. */
class HmacSha1 {
  /** The inner pad, then room for a message. */
  #inner: Buffer;
  /** The outer pad, then the inner digest. */
  readonly #outer: Buffer;
  readonly #tag = Buffer.alloc(TAG_SIZE_BYTES);

  constructor(key: Buffer) {
    const padded = Buffer.concat([key], HASH_BLOCK_SIZE_BYTES);
    this.#inner = Buffer.from(padded.map((byte) => byte ^ 0x36));
    this.#outer = Buffer.concat([padded.map((byte) => byte ^ 0x5c)], HASH_BLOCK_SIZE_BYTES + DIGEST_SIZE_BYTES);
  }

  /** The tag of the first bytes of a buffer; valid until the next call. */
  tag(message: Buffer, sizeBytes: number): Buffer {
    const end = HASH_BLOCK_SIZE_BYTES + sizeBytes;
    if (end > this.#inner.length) this.#inner = Buffer.concat([this.#inner], end);
    message.copy(this.#inner, HASH_BLOCK_SIZE_BYTES);
    // As strings, because a buffer for each would be memory outside the heap.
    this.#outer.write(hash('sha1', this.#inner.subarray(0, end), 'binary'), HASH_BLOCK_SIZE_BYTES, 'binary');
    this.#tag.write(hash('sha1', this.#outer, 'binary'), 'binary');
    return this.#tag;
  }
}
