import type { Clock } from '../../base/clock.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import type {
  DeleteMarker,
  MetadataStore,
  NamedBytes,
  NewObject,
  ObjectAcl,
  ObjectRecord,
  ObjectType,
  ObjectVersion,
} from '../metadata/metadata-store.ts';
import {
  bucketEmptied,
  checkAppend,
  missingObject,
  positionNotEqualToLength,
  refuseToReplace,
} from './object-refusals.ts';
import { BytesChanged, type Chunks, LocationNotFound, type ObjectReader, type ObjectStore } from './object-store.ts';
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

/** A change that depends on what there is: a deletion as on request, one version for good, or a row without its bytes. */
export type Revision =
  | { readonly kind: 'delete' }
  | { readonly kind: 'delete-version'; readonly versionId: string }
  | { readonly kind: 'amend'; readonly record: ObjectRecord };

/** The row that a write is to replace, if there is one. */
type Check = (current: ObjectRecord | undefined) => void;

/**
 * Objects: the row in the metadata together with the bytes in the store. First the bytes are stored, then the row is
 * written, then the bytes that no row names any longer are deleted. So a reader sees the old object or the new one, and a
 * crash in between at most leaves bytes without a row. In a bucket with versioning the old row stays, and its bytes with it.
 */
export class Objects {
  readonly #metadata: MetadataStore;
  readonly #bytes: ObjectStore;
  readonly #clock: Clock;
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
    return this.adopt(object, since, forbidOverwrite ? refuseToReplace : undefined);
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
   * `check` receives the present row before that. When it throws, the new bytes are deleted.
   *
   * @param since the epoch of the bucket when the request began
   * @throws the error that `check` throws, OssError NoSuchBucket when the bucket was deleted or emptied meanwhile
   */
  async adopt(object: NewObject, since: number, check?: Check): Promise<ObjectRecord> {
    return this.#write(object, since, check, async () => {
      const { versionId, replacedLocation } = await this.#metadata.putObject(object);
      return { record: { ...object, versionId }, replacedLocation };
    });
  }

  async #write(
    object: NewObject,
    since: number,
    check: Check | undefined,
    writeRow: () => Promise<{ record: ObjectRecord; replacedLocation: string | undefined }>,
  ): Promise<ObjectRecord> {
    const { bucket, key, location } = object;
    return this.#lock.run(lockName(bucket, key), async () => {
      const { record, replacedLocation } = await writeRowOf(this.#bytes, location, async () => {
        if (check) check(await this.#metadata.getObject(bucket, key));
        // Right before the row is written, so that no reset is missed in between.
        this.checkEpoch(bucket, since);
        return writeRow();
      });
      if (replacedLocation !== location) await this.#deleteBytes(replacedLocation);
      return record;
    });
  }

  /** The row of the current version, or of that one; undefined also for a delete marker. */
  async find(bucket: string, key: string, versionId?: string): Promise<ObjectRecord | undefined> {
    const version = await this.#metadata.getVersion(bucket, key, versionId);
    return version?.type === 'DeleteMarker' ? undefined : version;
  }

  /**
   * The row of the current version, or of that one.
   *
   * @throws OssError NoSuchKey, NoSuchVersion when there is none, NoSuchKey or MethodNotAllowed for a delete marker
   */
  async get(bucket: string, key: string, versionId?: string): Promise<ObjectRecord> {
    const version = await this.#metadata.getVersion(bucket, key, versionId);
    if (version?.type === 'DeleteMarker') throw missingObject(key, versionId, version);
    if (!version) throw missingObject(key, versionId, undefined);
    return version;
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
        const mayBeReplaced = error instanceof LocationNotFound || error instanceof BytesChanged;
        if (!mayBeReplaced || attempt === OPEN_ATTEMPTS) throw error;
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
      const check: Check = (current) => {
        if (current?.location !== before?.location) throw positionNotEqualToLength(current);
      };
      return await (before
        ? this.#renew({ ...object, versionId: before.versionId }, since, check)
        : this.adopt(object, since, check));
    } finally {
      if (before) await this.#bytes.delete(tail.location);
    }
  }

  /** Writes the row of a version that exists, with new bytes. */
  #renew(record: ObjectRecord, since: number, check: Check): Promise<ObjectRecord> {
    return this.#write(record, since, check, async () => {
      const replacedLocation = await this.#metadata.updateVersion(record);
      if (replacedLocation === undefined) throw missingObject(record.key, undefined, undefined);
      return { record, replacedLocation };
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
    return this.#lock.run(lockName(bucket, key), async () => {
      const changed = change(await this.get(bucket, key, versionId));
      await this.#metadata.updateVersion(changed);
      return changed;
    });
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
   * Carries out what `decide` resolves to. Nobody else changes the object meanwhile.
   * @returns what was carried out
   */
  async revise(
    bucket: string,
    key: string,
    decide: () => Promise<Revision | undefined>,
  ): Promise<Revision | undefined> {
    return this.#lock.run(lockName(bucket, key), async () => {
      const revision = await decide();
      switch (revision?.kind) {
        case 'delete':
          await this.#delete(bucket, key);
          break;
        case 'delete-version':
          await this.#deleteVersion(bucket, key, revision.versionId);
          break;
        case 'amend':
          await this.#metadata.updateVersion(revision.record);
          break;
      }
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
      if (!(error instanceof LocationNotFound)) throw error;
      const current = await this.find(before.bucket, before.key);
      if (current?.location === before.location) throw error;
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

/** The bytes at several locations, one after the other. */
export async function* joinedChunks(bytes: ObjectStore, parts: readonly NamedBytes[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield* (await openBytes(bytes, part)).chunks();
}

/** @throws LocationNotFound; BytesChanged when they are not as many as the row says, so that no part of them is taken for all */
async function openBytes(bytes: ObjectStore, named: NamedBytes): Promise<ObjectReader> {
  const reader = await bytes.open(named.location);
  if (reader.sizeBytes === named.sizeBytes) return reader;
  await reader.close();
  throw new BytesChanged(named, reader.sizeBytes);
}

function lockName(bucket: string, key: string): string {
  return `${bucket}/${key}`;
}
