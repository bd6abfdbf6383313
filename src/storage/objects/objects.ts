import type { Clock } from '../../base/clock.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import type { Fence } from '../leases/leases.ts';
import type { CheckCurrent, MetadataStore, Revise, Revision, StoredObject } from '../metadata/metadata-store.ts';
import type {
  DeleteMarker,
  NamedBytes,
  NewObject,
  ObjectAcl,
  ObjectRecord,
  ObjectType,
  ObjectVersion,
} from '../metadata/records.ts';
import {
  bucketEmptied,
  checkAppend,
  missingObject,
  positionNotEqualToLength,
  refuseToReplace,
} from './object-refusals.ts';
import { BytesChanged, type Chunks, isOtherThanRow, type ObjectReader, type ObjectStore } from './object-store.ts';
import { type Received, receive } from './receive.ts';
import { writeRowOf } from './write-row.ts';

/** How often `open` tries again when an object is replaced between reading its row and opening its bytes. */
const OPEN_ATTEMPTS = 8;

export interface PutOptions {
  /** Response headers to keep, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly acl?: ObjectAcl;
  readonly type?: ObjectType;
  /** The MD5 that the client sent, in base64. */
  readonly contentMd5?: string | undefined;
  /** Do not replace an object: FileAlreadyExists. */
  readonly forbidOverwrite?: boolean;
  /** How long a store that does not answer is tried again, if not as usual. */
  readonly retryMs?: number | undefined;
  /** The lease that it is written under. */
  readonly fence?: Fence | undefined;
}

export interface OpenObject {
  readonly record: ObjectRecord;
  readonly reader: ObjectReader;
}

export interface ObjectsDeps {
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly clock: Clock;
}

/**
 * Objects: the row in the metadata together with the bytes in the store. First the bytes are stored, then the row is
 * written, then the bytes that no row names any longer are deleted. So a reader sees the old object or the new one, and a
 * crash in between at most leaves bytes without a row. In a bucket with versioning the old row stays, and its bytes with it.
 */
export class Objects {
  readonly #metadata: MetadataStore;
  readonly #bytes: ObjectStore;
  readonly #clock: Clock;
  /** A queue only: the store decides. In PostgreSQL each of many writers of one key would wait with a connection. */
  readonly #lock = new KeyedLock();
  /** How often a bucket was emptied, and everything (undefined). */
  readonly #emptied = new Map<string | undefined, number>();

  constructor(deps: ObjectsDeps) {
    this.#metadata = deps.metadata;
    this.#bytes = deps.bytes;
    this.#clock = deps.clock;
  }

  /**
   * Stores an object; replaces that of the same key, or becomes its newest version.
   *
   * @throws OssError InvalidDigest when the MD5 is not the given one, FileAlreadyExists when an object must not be
   * replaced
   */
  async put(bucket: string, key: string, bytes: Buffer | Chunks, options: PutOptions = {}): Promise<ObjectRecord> {
    const since = this.epoch(bucket);
    const forbidOverwrite = options.forbidOverwrite === true;
    if (forbidOverwrite) refuseToReplace(await this.#metadata.getObject(bucket, key));
    const chunks = Buffer.isBuffer(bytes) ? [bytes] : bytes;
    const received = await receive(this.#bytes, { bucket, key, retryMs: options.retryMs }, chunks, options.contentMd5);
    const object: NewObject = {
      type: options.type ?? 'Normal',
      acl: options.acl ?? 'default',
      headers: options.headers ?? {},
      restore: null,
      accessedMs: null,
      ...this.#describe(bucket, key, received),
    };
    return this.adopt(object, since, forbidOverwrite ? refuseToReplace : undefined, options.fence);
  }

  /** Of what begins now in a bucket: it is stored only in the same epoch. */
  epoch(bucket: string): number {
    return (this.#emptied.get(undefined) ?? 0) + (this.#emptied.get(bucket) ?? 0);
  }

  /** @throws OssError NoSuchBucket when the bucket was emptied after the epoch `since` */
  checkEpoch(bucket: string, since: number): void {
    if (since !== this.epoch(bucket)) throw bucketEmptied(bucket);
  }

  /** Just before a bucket, or everything, is emptied: the uploads that have begun are refused at their end. */
  beginEpoch(bucket?: string): void {
    this.#emptied.set(bucket, (this.#emptied.get(bucket) ?? 0) + 1);
  }

  /**
   * Writes the row of bytes that are stored already (`object.location`), and deletes the bytes that it replaces.
   * `check` decides on the present row in the same step. When it throws, the new bytes are deleted.
   *
   * @param since the epoch of the bucket when the request began
   * @throws the error that `check` throws, OssError NoSuchBucket when the bucket was deleted or emptied meanwhile, LeaseLost
   * when the fence is not held
   */
  adopt(object: NewObject, since: number, check?: CheckCurrent, fence?: Fence): Promise<ObjectRecord> {
    return this.write(object, since, () => this.#metadata.putObject(object, check, fence));
  }

  /** The same with a row that is written another way. `writeRow` may delete other rows in the same step. */
  async write(object: NewObject, since: number, writeRow: () => Promise<StoredObject>): Promise<ObjectRecord> {
    const { bucket, key, location } = object;
    return this.#lock.run(lockName(bucket, key), async () => {
      const { versionId, replacedLocation } = await writeRowOf(this.#bytes, location, async () => {
        // Right before the row is written, so that no reset is missed in between.
        this.checkEpoch(bucket, since);
        return writeRow();
      });
      if (replacedLocation !== location) await this.#deleteBytes(replacedLocation);
      return { ...object, versionId };
    });
  }

  /** The row of the current version, or of that one; undefined also for a delete marker. */
  async find(bucket: string, key: string, versionId?: string): Promise<ObjectRecord | undefined> {
    return objectOf(await this.#metadata.getVersion(bucket, key, versionId));
  }

  /**
   * The row of the current version, or of that one.
   *
   * @throws OssError NoSuchKey, NoSuchVersion when there is none, NoSuchKey or MethodNotAllowed for a delete marker
   */
  async get(bucket: string, key: string, versionId?: string): Promise<ObjectRecord> {
    return presentObject(key, versionId, await this.#metadata.getVersion(bucket, key, versionId));
  }

  /**
   * The row and its bytes, opened; the caller must read the chunks or close the reader.
   *
   * @throws OssError as `get` does
   */
  async open(bucket: string, key: string, versionId?: string): Promise<OpenObject> {
    for (let attempt = 1; ; attempt++) {
      const record = await this.get(bucket, key, versionId);
      try {
        return { record, reader: await openBytes(this.#bytes, record) };
      } catch (error) {
        if (!isOtherThanRow(error) || attempt === OPEN_ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Appends to an Appendable object, or makes one at position 0. Byte strings never change, so old and new bytes are
   * written together as a new byte string. The version stays the same (AppendObject page).
   *
   * @throws OssError PositionNotEqualToLength when `position` is not the present size, ObjectNotAppendable when the
   * object is of another type, InvalidDigest when the MD5 is not the given one
   */
  async append(
    bucket: string,
    key: string,
    position: number,
    bytes: Chunks,
    options: PutOptions = {},
  ): Promise<ObjectRecord> {
    const since = this.epoch(bucket);
    const before = await this.#metadata.getObject(bucket, key);
    checkAppend(before, position);
    const tail = await receive(this.#bytes, { bucket, key }, bytes, options.contentMd5);
    try {
      const received = before ? await this.#join(before, tail) : tail;
      const object: NewObject = {
        ...this.#describe(bucket, key, received),
        type: 'Appendable',
        contentMd5: null,
        acl: options.acl ?? before?.acl ?? 'default',
        headers: before?.headers ?? options.headers ?? {},
        restore: before?.restore ?? null,
        accessedMs: before?.accessedMs ?? null,
      };
      const check: CheckCurrent = (current) => {
        if (!isSameBytes(current, before)) throw positionNotEqualToLength(current);
      };
      return await (before
        ? this.#renew({ ...object, versionId: before.versionId }, since, check)
        : this.adopt(object, since, check));
    } finally {
      if (before) await this.#bytes.delete(tail.location);
    }
  }

  /** Writes the row of the current version, with new bytes. */
  #renew(record: ObjectRecord, since: number, check: CheckCurrent): Promise<ObjectRecord> {
    const { bucket, key, versionId } = record;
    return this.write(record, since, async () => {
      const renew: Revise = (present) => {
        check(present && objectOf(present.version));
        return { kind: 'amend', record };
      };
      const { location } = await this.#metadata.reviseVersion(bucket, key, undefined, renew, this.#clock.now());
      return { versionId, replacedLocation: location };
    });
  }

  /**
   * Changes the row of the current version, or of that one, but not its bytes.
   *
   * @throws OssError as `get` does
   */
  async amend(
    bucket: string,
    key: string,
    change: (record: ObjectRecord) => ObjectRecord,
    versionId?: string,
  ): Promise<ObjectRecord> {
    const revision = await this.revise(bucket, key, versionId, (present) => {
      return { kind: 'amend', record: change(presentObject(key, versionId, present?.version)) };
    });
    if (revision?.kind !== 'amend') throw missingObject(key, versionId, undefined);
    return revision.record;
  }

  /**
   * Deletes row and bytes, if there is such an object. In a bucket with versioning a delete marker covers the versions
   * instead, and is returned.
   */
  async delete(bucket: string, key: string): Promise<DeleteMarker | undefined> {
    return this.#lock.run(lockName(bucket, key), () => this.#delete(bucket, key));
  }

  /** Deletes a version or a delete marker for good; resolves to what was deleted. */
  async deleteVersion(bucket: string, key: string, versionId: string): Promise<ObjectVersion | undefined> {
    return this.#lock.run(lockName(bucket, key), () => this.#deleteVersion(bucket, key, versionId));
  }

  /**
   * Carries out what `decide` says of the version of that id, or the current one, in one step.
   * @returns what was carried out
   */
  async revise(
    bucket: string,
    key: string,
    versionId: string | undefined,
    decide: Revise,
  ): Promise<Revision | undefined> {
    return this.#lock.run(lockName(bucket, key), async () => {
      const atMs = this.#clock.now();
      const { revision, location } = await this.#metadata.reviseVersion(bucket, key, versionId, decide, atMs);
      await this.#deleteBytes(location);
      return revision;
    });
  }

  async #delete(bucket: string, key: string): Promise<DeleteMarker | undefined> {
    const { marker, location } = await this.#metadata.deleteObject(bucket, key, this.#clock.now());
    await this.#deleteBytes(location);
    return marker;
  }

  async #deleteVersion(bucket: string, key: string, versionId: string): Promise<ObjectVersion | undefined> {
    const deleted = await this.#metadata.deleteVersion(bucket, key, versionId);
    if (deleted && deleted.type !== 'DeleteMarker') await this.#deleteBytes(deleted.location);
    return deleted;
  }

  async #deleteBytes(location: string | undefined): Promise<void> {
    if (location !== undefined) await this.#bytes.delete(location);
  }

  /**
   * The object's bytes followed by `tail`; PositionNotEqualToLength when it was replaced meanwhile.
   */
  async #join(before: ObjectRecord, tail: Received): Promise<Received> {
    try {
      return await receive(this.#bytes, before, joinedChunks(this.#bytes, [before, tail]));
    } catch (error) {
      if (!isOtherThanRow(error)) throw error;
      const current = await this.find(before.bucket, before.key);
      if (isSameBytes(current, before)) throw error;
      throw positionNotEqualToLength(current);
    }
  }

  #describe(
    bucket: string,
    key: string,
    received: Received,
  ): Omit<NewObject, 'type' | 'acl' | 'headers' | 'restore' | 'accessedMs'> {
    return {
      bucket,
      key,
      sizeBytes: received.sizeBytes,
      etag: received.md5,
      contentMd5: received.contentMd5,
      crc64: received.crc64,
      location: received.location,
      lastModifiedMs: this.#clock.now(),
    };
  }
}

/** A location may be used again, by an object that is stored after this one was deleted. */
function isSameBytes(one: ObjectRecord | undefined, other: ObjectRecord | undefined): boolean {
  return one?.location === other?.location && one?.etag === other?.etag && one?.sizeBytes === other?.sizeBytes;
}

function objectOf(version: ObjectVersion | undefined): ObjectRecord | undefined {
  return version?.type === 'DeleteMarker' ? undefined : version;
}

/** @throws OssError NoSuchKey, NoSuchVersion when there is none, NoSuchKey or MethodNotAllowed for a delete marker */
function presentObject(key: string, versionId: string | undefined, version: ObjectVersion | undefined): ObjectRecord {
  if (version?.type === 'DeleteMarker') throw missingObject(key, versionId, version);
  if (!version) throw missingObject(key, versionId, undefined);
  return version;
}

/** The bytes at several locations, one after the other. */
export async function* joinedChunks(
  bytes: Pick<ObjectStore, 'open'>,
  parts: readonly NamedBytes[],
): AsyncGenerator<Buffer> {
  for (const part of parts) yield* (await openBytes(bytes, part)).chunks();
}

/** @throws LocationNotFound; BytesChanged when they are not as many as the row says, so that no part of them is taken for all */
async function openBytes(bytes: Pick<ObjectStore, 'open'>, named: NamedBytes): Promise<ObjectReader> {
  const reader = await bytes.open(named.location);
  if (reader.sizeBytes === named.sizeBytes) return reader;
  await reader.close();
  throw new BytesChanged(named, reader.sizeBytes);
}

function lockName(bucket: string, key: string): string {
  return `${bucket}/${key}`;
}
