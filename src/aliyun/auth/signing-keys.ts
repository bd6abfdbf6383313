import { createHmac } from 'node:crypto';

export const SCOPE_END = 'aliyun_v4_request';
/** Clients choose the scopes, so their number must be limited. */
const MAX_KEYS = 100;

/** What a V4 signing key is derived for. */
export interface V4Scope {
  /** `20241231` */
  readonly date: string;
  /** Empty when the Go SDK has no region configured. */
  readonly region: string;
  readonly product: string;
}

/**
 * V4 signing keys, each derived once: a client uses the same key for a day, and deriving it is four of the five HMACs.
 */
export class SigningKeys {
  readonly #keys = new Map<string, Buffer>();

  derive(secret: string, { date, region, product }: V4Scope): Buffer {
    const name = [secret, date, region, product].join('\n');
    const known = this.#keys.get(name);
    if (known) return known;
    if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
    const key = [date, region, product, SCOPE_END].reduce<Buffer>(hmacSha256, Buffer.from(`aliyun_v4${secret}`));
    this.#keys.set(name, key);
    return key;
  }
}

export function hmacSha256(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
