/**
 * Ids of versions, in the form of the service's: base64 of a protocol buffer with two small numbers, a large one and 32 hex
 * digits. Clients only compare them. The large number is the position of the version among all, so that a listing can go on
 * after a version that was deleted meanwhile.
 */
import { randomBytes } from 'node:crypto';

/** Fields 1 and 2, varints of one byte each. */
const HEAD = Buffer.of(0x08, 0x01, 0x10, 0x01);
const NUMBER_TAG = 0x18;
/** Added to each number, so that its varint has 9 bytes and all ids are of one length. */
const NUMBER_BASE = 1n << 56n;
const NUMBER_BYTES = 9;
/** Field 4, a text of 32 bytes. */
const RANDOM_TAG = Buffer.of(0x22, 0x20);
const NUMBER_START = HEAD.length + 1;
const RANDOM_START = NUMBER_START + NUMBER_BYTES + RANDOM_TAG.length;
const ID_BYTES = RANDOM_START + 32;

/** A new id for the version with this number. */
export function makeVersionId(number: number): string {
  const id = Buffer.alloc(ID_BYTES);
  HEAD.copy(id);
  id[HEAD.length] = NUMBER_TAG;
  writeVarint(id, NUMBER_BASE + BigInt(number));
  RANDOM_TAG.copy(id, NUMBER_START + NUMBER_BYTES);
  id.write(randomBytes(16).toString('hex'), RANDOM_START, 'latin1');
  return id.toString('base64');
}

/** The number in an id; undefined when `makeVersionId` did not make it. */
export function versionNumber(versionId: string): number | undefined {
  const id = Buffer.from(versionId, 'base64');
  if (id.length !== ID_BYTES || id.compare(HEAD, 0, HEAD.length, 0, HEAD.length) !== 0) return undefined;
  const number = readVarint(id) - NUMBER_BASE;
  return number > 0n && number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : undefined;
}

function writeVarint(id: Buffer, number: bigint): void {
  for (let index = 0; index < NUMBER_BYTES; index++) {
    const more = index < NUMBER_BYTES - 1 ? 0x80 : 0;
    id[NUMBER_START + index] = Number((number >> BigInt(7 * index)) & 0x7fn) | more;
  }
}

function readVarint(id: Buffer): bigint {
  let number = 0n;
  for (let index = 0; index < NUMBER_BYTES; index++) {
    number |= BigInt((id[NUMBER_START + index] ?? 0) & 0x7f) << BigInt(7 * index);
  }
  return number;
}
