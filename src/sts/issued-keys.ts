import { randomBytes } from 'node:crypto';
import type { AccessKey } from '../aliyun/auth/signed-request.ts';
import type { AddedKeys } from '../aliyun/credentials.ts';
import { readPolicy } from '../aliyun/policy/read-policy.ts';
import { RpcError } from '../aliyun/rpc-error.ts';
import type { Clock } from '../base/clock.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import { Documents } from '../storage/metadata/stored-documents.ts';

/** At the service an account may assume roles 6,000 times in a while (AssumeRole page). */
const MAX_KEYS = 10_000;
/** How long a key is known after it was issued, so that its use after its expiry is answered as such. */
const REMEMBERED_MS = 7 * 24 * 3_600_000;
const SECRET_BYTES = 33;
const TOKEN_BYTES = 150;

export interface KeyRequest {
  readonly account: string;
  readonly roleName: string;
  readonly sessionName: string;
  /** The text of the session policy. */
  readonly policy: string | undefined;
  readonly expiresMs: number;
}

/** A key that was issued, with its parts that are always there. */
export interface IssuedKey extends AccessKey {
  readonly securityToken: string;
  readonly expiresMs: number;
}

interface StoredKey extends KeyRequest {
  readonly accessKeySecret: string;
  readonly securityToken: string;
}

/** The temporary keys that STS issued. They are stored, so that they last over a restart. */
export class IssuedKeys implements AddedKeys {
  readonly #documents: Documents<StoredKey>;
  readonly #clock: Clock;
  /** By access key id, the oldest first. */
  readonly #keys = new Map<string, IssuedKey>();
  readonly #byToken = new Map<string, IssuedKey>();

  private constructor(documents: Documents<StoredKey>, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  static async open(metadata: MetadataStore, clock: Clock): Promise<IssuedKeys> {
    const keys = new IssuedKeys(new Documents<StoredKey>(metadata, 'sts-key'), clock);
    await keys.read();
    return keys;
  }

  /** Adds the keys that other processes have issued, and forgets those that expired long ago. */
  async read(): Promise<void> {
    const forgottenMs = this.#clock.now() - REMEMBERED_MS;
    await this.#documents.forget(forgottenMs);
    for (const key of this.#keys.values()) {
      if (key.expiresMs < forgottenMs) this.#drop(key);
    }
    for (const { name, body } of await this.#documents.list()) {
      if (!this.#keys.has(name)) this.#add(toKey(name, body));
    }
  }

  find(accessKeyId: string): IssuedKey | undefined {
    return this.#keys.get(accessKeyId);
  }

  ofToken(securityToken: string): IssuedKey | undefined {
    return this.#byToken.get(securityToken);
  }

  /** @throws RpcError Throttling.User when there are too many that have not expired */
  async issue(request: KeyRequest): Promise<IssuedKey> {
    await this.#makeRoom();
    const accessKeyId = `STS.${randomName(18)}`;
    const secrets = {
      accessKeySecret: randomName(SECRET_BYTES),
      securityToken: `CAIS${randomBytes(TOKEN_BYTES).toString('base64')}`,
    };
    const body: StoredKey = { ...request, ...secrets };
    await this.#documents.put({ scope: request.account, name: accessKeyId, createdMs: this.#clock.now(), body });
    const key = toKey(accessKeyId, body);
    this.#add(key);
    return key;
  }

  /** Called after the stores were emptied. */
  clear(): void {
    this.#keys.clear();
    this.#byToken.clear();
  }

  #add(key: IssuedKey): void {
    this.#keys.set(key.accessKeyId, key);
    this.#byToken.set(key.securityToken, key);
  }

  #drop(key: IssuedKey): void {
    this.#keys.delete(key.accessKeyId);
    this.#byToken.delete(key.securityToken);
  }

  async #makeRoom(): Promise<void> {
    if (this.#keys.size < MAX_KEYS) return;
    const nowMs = this.#clock.now();
    const expired = [...this.#keys.values()].filter(({ expiresMs }) => expiresMs < nowMs);
    if (expired.length === 0) {
      throw new RpcError('Throttling.User', { reason: `${MAX_KEYS} temporary keys have not expired yet` });
    }
    for (const key of expired) {
      this.#drop(key);
      await this.#documents.delete(key.uid ?? '', key.accessKeyId);
    }
  }
}

function toKey(accessKeyId: string, stored: StoredKey): IssuedKey {
  const { account, roleName, sessionName, policy, accessKeySecret, securityToken, expiresMs } = stored;
  return {
    accessKeyId,
    accessKeySecret,
    securityToken,
    expiresMs,
    uid: account,
    session: { roleName, sessionName, ...(policy !== undefined && { policy: readPolicy(policy, 'ram') }) },
  };
}

/** Letters and digits, as the service makes them. */
function randomName(bytes: number): string {
  return randomBytes(bytes).toString('base64').replace(/[+/=]/g, 'x');
}
