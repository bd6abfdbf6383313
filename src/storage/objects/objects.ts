import type { Clock } from '../../base/clock.ts';
import { OssError } from '../../base/errors.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import type { MetadataStore, ObjectAcl, ObjectRecord, ObjectType } from '../metadata/metadata-store.ts';
import { type Chunks, LocationNotFound, type ObjectReader, type ObjectStore } from './object-store.ts';
import { type Received, receive } from './receive.ts';

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
 * written, then the bytes that the row named before are deleted. So a reader sees the old object or the new one, and a
 * crash in between at most leaves bytes without a row.
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
   * Stores an object; replaces that of the same key.
   *
   * @throws OssError InvalidDigest when the MD5 is not the given one, FileAlreadyExists when an object must not be
   * replaced
   */
  async put(bucket: string, key: string, bytes: Buffer | Chunks, options: PutOptions = {}): Promise<ObjectRecord> {
    const since = this.epoch(bucket);
    const forbidOverwrite = options.forbidOverwrite === true;
    if (forbidOverwrite) refuseToReplace(await this.#metadata.getObject(bucket, key));
    const chunks = Buffer.isBuffer(bytes) ? [bytes] : bytes;
    const received = await receive(this.#bytes, { bucket, key }, chunks, options.contentMd5);
    const record: ObjectRecord = {
      ...this.#describe(bucket, key, received),
      type: options.type ?? 'Normal',
      acl: options.acl ?? 'default',
      headers: options.headers ?? {},
    };
    await this.adopt(record, since, forbidOverwrite ? refuseToReplace : undefined);
    return record;
  }

  /** Of what begins now in a bucket: it is stored only in the same epoch. */
  epoch(bucket: string): number {
    return (this.#emptied.get(undefined) ?? 0) + (this.#emptied.get(bucket) ?? 0);
  }

  /** Just before a bucket, or everything, is emptied: the uploads that have begun are refused at their end. */
  beginEpoch(bucket?: string): void {
    this.#emptied.set(bucket, (this.#emptied.get(bucket) ?? 0) + 1);
  }

  /**
   * Writes the row of bytes that are stored already (`record.location`), and deletes the bytes that it replaces.
   * `check` receives the present row before that. When it throws, the new bytes are deleted.
   *
   * @param since the epoch of the bucket when the request began
   * @throws the error that `check` throws, OssError NoSuchBucket when the bucket was deleted or emptied meanwhile
   */
  async adopt(record: ObjectRecord, since: number, check?: (current: ObjectRecord | undefined) => void): Promise<void> {
    const { bucket, key, location } = record;
    await this.#lock.run(lockName(bucket, key), async () => {
      const replaced = await this.#putRow(record, since, check);
      if (replaced !== undefined && replaced !== location) await this.#bytes.delete(replaced);
    });
  }

  async #putRow(
    record: ObjectRecord,
    since: number,
    check?: (current: ObjectRecord | undefined) => void,
  ): Promise<string | undefined> {
    try {
      if (check) check(await this.#metadata.getObject(record.bucket, record.key));
      // Right before the row is written, so that no reset is missed in between.
      if (since !== this.epoch(record.bucket)) throw bucketEmptied(record.bucket);
      return await this.#metadata.putObject(record);
    } catch (error) {
      await this.#bytes.delete(record.location);
      throw error;
    }
  }

  find(bucket: string, key: string): Promise<ObjectRecord | undefined> {
    return this.#metadata.getObject(bucket, key);
  }

  /**
   * The row.
   *
   * @throws OssError NoSuchKey when there is no such object
   */
  async get(bucket: string, key: string): Promise<ObjectRecord> {
    const record = await this.#metadata.getObject(bucket, key);
    if (!record) throw noSuchKey(key);
    return record;
  }

  /**
   * The row and its bytes, opened; the caller must read the chunks or close the reader.
   *
   * @throws OssError NoSuchKey when there is no such object
   */
  async open(bucket: string, key: string): Promise<OpenObject> {
    for (let attempt = 1; ; attempt++) {
      const record = await this.get(bucket, key);
      try {
        return { record, reader: await this.#bytes.open(record.location) };
      } catch (error) {
        const replacedMeanwhile = error instanceof LocationNotFound && attempt < OPEN_ATTEMPTS;
        if (!replacedMeanwhile) throw error;
      }
    }
  }

  /**
   * Appends to an Appendable object, or makes one at position 0. Byte strings never change, so old and new bytes are
   * written together as a new byte string.
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
      const received = before ? await this.#join(before, tail.location) : tail;
      const record: ObjectRecord = {
        ...this.#describe(bucket, key, received),
        type: 'Appendable',
        contentMd5: null,
        acl: before?.acl ?? options.acl ?? 'default',
        headers: before?.headers ?? options.headers ?? {},
      };
      await this.adopt(record, since, (current) => {
        if (current?.location !== before?.location) throw positionNotEqualToLength(current);
      });
      return record;
    } finally {
      if (before) await this.#bytes.delete(tail.location);
    }
  }

  /**
   * Changes the row, not the bytes.
   *
   * @throws OssError NoSuchKey when there is no such object
   */
  async amend(bucket: string, key: string, change: (record: ObjectRecord) => ObjectRecord): Promise<ObjectRecord> {
    return this.#lock.run(lockName(bucket, key), async () => {
      const changed = change(await this.get(bucket, key));
      await this.#metadata.putObject(changed);
      return changed;
    });
  }

  /** Deletes row and bytes, if there is such an object. */
  async delete(bucket: string, key: string): Promise<void> {
    await this.#lock.run(lockName(bucket, key), async () => {
      const location = await this.#metadata.deleteObject(bucket, key);
      if (location !== undefined) await this.#bytes.delete(location);
    });
  }

  /**
   * The object's bytes followed by those at `tailLocation`; PositionNotEqualToLength when it was replaced meanwhile.
   */
  async #join(before: ObjectRecord, tailLocation: string): Promise<Received> {
    try {
      return await receive(this.#bytes, before, joinedChunks(this.#bytes, [before.location, tailLocation]));
    } catch (error) {
      if (!(error instanceof LocationNotFound)) throw error;
      throw positionNotEqualToLength(await this.find(before.bucket, before.key));
    }
  }

  #describe(bucket: string, key: string, received: Received): Omit<ObjectRecord, 'type' | 'acl' | 'headers'> {
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
export async function* joinedChunks(bytes: ObjectStore, locations: readonly string[]): AsyncGenerator<Buffer> {
  for (const location of locations) yield* (await bytes.open(location)).chunks();
}

function noSuchKey(key: string): OssError {
  return new OssError('NoSuchKey', 'The specified key does not exist.', { ec: '0026-00000001', details: { Key: key } });
}

function bucketEmptied(bucket: string): OssError {
  return new OssError('NoSuchBucket', 'The specified bucket does not exist.', {
    ec: '0015-00000101',
    details: { BucketName: bucket },
    reason: 'the bucket was emptied while the object was being uploaded',
  });
}

function lockName(bucket: string, key: string): string {
  return `${bucket}/${key}`;
}

/** @throws OssError FileAlreadyExists when there is an object */
export function refuseToReplace(current: ObjectRecord | undefined): void {
  if (!current) return;
  throw new OssError('FileAlreadyExists', 'The object you specified already exists and can not be overwritten.', {
    details: { Key: current.key },
  });
}

function checkAppend(current: ObjectRecord | undefined, position: number): void {
  if (current && current.type !== 'Appendable') {
    throw new OssError('ObjectNotAppendable', 'The object is not appendable');
  }
  if (position !== (current?.sizeBytes ?? 0)) throw positionNotEqualToLength(current);
}

function positionNotEqualToLength(current: ObjectRecord | undefined): OssError {
  return new OssError('PositionNotEqualToLength', 'Position is not equal to file length', {
    headers: { 'x-oss-next-append-position': String(current?.sizeBytes ?? 0) },
  });
}
