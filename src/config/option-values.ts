/** Reads and checks one value of an option, as a person types it. */

import { isIP } from 'node:net';
import { isAccessKeyId } from '../aliyun/auth/access-keys.ts';
import { isBucketName } from '../base/bucket-name.ts';
import { UsageError } from '../base/errors.ts';
import { mayHaveSecret } from '../base/redact.ts';
import type { AddressBlock } from '../net/network-list.ts';
import { BUCKET_ACLS, type BucketAcl } from '../storage/metadata/records.ts';
import { readObjectsUrl } from '../storage/objects/remote/objects-url.ts';

export interface BucketOption {
  readonly name: string;
  readonly acl: BucketAcl;
}

/** A value that does not fit; the message continues "<option> must ", e.g. "be a port, 0 to 65535". */
export class BadValue extends Error {
  /** The value has a secret in it, so that the message must not repeat it. */
  readonly isSecret: boolean;

  constructor(message: string, isSecret = false) {
    super(message);
    this.isSecret = isSecret;
  }
}

const MAX_PORT = 65_535;
const WHOLE = /^\d+$/;
const DECIMAL = /^\d+(\.\d+)?$/;

/**
 * What `read` returns for the text.
 * @param option how the option is called in the message
 * @throws UsageError when the value does not fit
 */
export function readValue<Value>(option: string, text: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    const given = error.isSecret ? '' : `, not "${text}"`;
    throw new UsageError(`${option} must ${error.message}${given}.`);
  }
}

/** Reads a number of this form; `Number` alone would also take '', ' 5', '1e3' and '0x10'. */
function numberBetween(min: number, max: number, expectation: string, form = WHOLE): (text: string) => number {
  return (text) => {
    const value = form.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new BadValue(expectation);
  };
}

/** @throws BadValue */
export function nonEmpty(text: string): string {
  if (text === '') throw new BadValue('not be empty');
  return text;
}

/** @throws BadValue */
export function parseAccessKeyId(text: string): string {
  if (isAccessKeyId(text)) return text;
  throw new BadValue('be letters, digits, dots, dashes and underscores');
}

/** @throws BadValue */
export const parsePort = numberBetween(0, MAX_PORT, 'be a port, 0 to 65535');

const parsePortOrOff = numberBetween(0, MAX_PORT, 'be a port, 0 to 65535, or off');

/** @throws BadValue */
export function parseRtmpPort(text: string): number | undefined {
  return text === 'off' ? undefined : parsePortOrOff(text);
}

/** @throws BadValue */
export function parseBucket(text: string): BucketOption {
  const [name = '', acl = 'private', ...more] = text.split(':');
  const known = BUCKET_ACLS.find((candidate) => candidate === acl);
  if (isBucketName(name) && known && more.length === 0) return { name, acl: known };
  throw new BadValue(`be NAME or NAME:ACL, with 3 to 63 of a-z, 0-9 and -, and one of ${BUCKET_ACLS.join(', ')}`);
}

/** @throws BadValue */
export function parseCname(text: string): { host: string; bucket: string } {
  const [host = '', bucket = '', ...more] = text.split('=');
  if (host !== '' && isBucketName(bucket) && more.length === 0) return { host: host.toLowerCase(), bucket };
  throw new BadValue('be HOST=BUCKET');
}

/** @throws BadValue */
export function parseHostName(text: string): string {
  if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(text)) return text.toLowerCase();
  throw new BadValue('be a host name like emulator.test, without a port');
}

/** @throws BadValue */
export function parseBucketName(text: string): string {
  if (isBucketName(text)) return text;
  throw new BadValue('be a bucket name, 3 to 63 of a-z, 0-9 and -');
}

const MAX_COUNT = 999_999_999;

/** @throws BadValue */
export const parseCount = numberBetween(1, MAX_COUNT, `be a whole number from 1 to ${MAX_COUNT}`);

/** @throws BadValue */
export function parseUtcOffset(text: string): number {
  const match = /^([+-])(\d{2}):(\d{2})$/.exec(text);
  if (!match || Number(match[2]) > 14 || Number(match[3]) > 59) throw new BadValue('be an offset like +08:00');
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}

/** @throws BadValue */
export function parseDomainKey(text: string): { domain: string; key: string } {
  const [domain = '', ...key] = text.split('=');
  if (domain !== '' && key.join('=') !== '') return { domain: domain.toLowerCase(), key: key.join('=') };
  throw new BadValue('be DOMAIN=KEY', true);
}

/** @throws BadValue */
export function parseApplication(text: string): { appId: string; accessKeyId: string | undefined } {
  const [appId = '', accessKeyId, ...more] = text.split('=');
  const isGood = /^[A-Za-z0-9_-]{1,64}$/.test(appId) && (accessKeyId === undefined || isAccessKeyId(accessKeyId));
  if (isGood && more.length === 0) return { appId, accessKeyId };
  throw new BadValue('be ID or ID=ACCESS_KEY_ID, the id 1 to 64 of A-Z, a-z, 0-9, _ and -');
}

/** @throws BadValue */
export function parseAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new BadValue('be an IP address');
}

/**
 * Addresses and networks, separated by commas.
 * @throws BadValue
 */
export function parseNetworks(text: string): readonly AddressBlock[] {
  return text.split(',').map((part) => {
    const [address = '', prefix, ...more] = part.trim().split('/');
    const addressBits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
    const prefixBits = prefix === undefined ? addressBits : WHOLE.test(prefix) ? Number(prefix) : Number.NaN;
    if (addressBits > 0 && prefixBits <= addressBits && more.length === 0) return { address, prefixBits };
    throw new BadValue('be networks or addresses like 10.0.0.0/8,fd00::/8');
  });
}

/** @throws BadValue */
export function parseRegion(text: string): string {
  if (/^[a-z0-9-]+$/.test(text)) return text.replace(/^oss-/, '');
  throw new BadValue('be a region like cn-hangzhou');
}

/** @throws BadValue */
export function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/') return url.origin;
  throw new BadValue('be a URL like http://media.example.test:9000', mayHaveSecret(text));
}

/** @throws BadValue */
export function parseNodeName(text: string): string {
  if (/^[\w.-]{1,64}$/.test(text)) return text;
  throw new BadValue('be 1 to 64 of A-Z, a-z, 0-9, ., _ and -');
}

/**
 * Nodes speak no TLS with each other: nobody would know their certificates.
 * @throws BadValue
 */
export function parseNodeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isReached = url !== undefined && !['0.0.0.0', '[::]'].includes(url.hostname);
  if (isReached && url.protocol === 'http:' && url.href === `${url.origin}/`) return url.origin;
  throw new BadValue('be an http URL of one address, like http://10.0.0.5:9000', mayHaveSecret(text));
}

/**
 * The text stays as it is; it may have credentials in it.
 * @throws BadValue
 */
export function parseObjectsUrl(text: string): string {
  if (readObjectsUrl(text)) return text;
  throw new BadValue(
    'be like s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1, or oss://...',
    mayHaveSecret(text),
  );
}

/** @throws BadValue */
export function parseWebhook(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new BadValue('be an http or https URL', mayHaveSecret(text));
}

/** @throws BadValue, which repeats no password */
export function parseMetadataUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^postgres(ql)?:$/.test(url.protocol) && url.host !== '' && url.pathname.length > 1) return text;
  throw new BadValue('be like postgres://user@host:5432/database', true);
}

const MAX_SECONDS = 1_000_000;

/** @throws BadValue */
export const parseSeconds = numberBetween(
  Number.MIN_VALUE,
  MAX_SECONDS,
  `be a number of seconds above 0, at most ${MAX_SECONDS}, like 10 or 2.5`,
  DECIMAL,
);

/**
 * How long something is valid.
 * @throws BadValue (the returned function)
 */
export function parseExpiry(maxSec: number): (text: string) => number {
  return numberBetween(1, maxSec, `be a whole number of seconds from 1 to ${maxSec}`);
}

const MAX_DURATION_SEC = 1_000_000_000;

/**
 * How long something takes; 0 has a special meaning.
 * @throws BadValue
 */
export const parseDuration = numberBetween(
  0,
  MAX_DURATION_SEC,
  `be a number of seconds from 0 to ${MAX_DURATION_SEC}, like 10 or 2.5`,
  DECIMAL,
);

/** @throws BadValue (the returned function) */
export function oneOf<const Choice extends string>(choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    throw new BadValue(`be one of ${choices.join(', ')}`);
  };
}
