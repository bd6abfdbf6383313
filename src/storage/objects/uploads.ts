import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { OssError } from '../../base/errors.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import type { MetadataStore, MultipartUpload, ObjectRecord, UploadedPart } from '../metadata/metadata-store.ts';
import { noSuchUpload } from '../metadata/no-such-upload.ts';
import type { Chunks, ObjectStore } from './object-store.ts';
import { joinedChunks, type Objects, type PutOptions, refuseToReplace } from './objects.ts';
import { receive } from './receive.ts';

/** The least size of each part except the last. Source: CompleteMultipartUpload page. */
const MIN_PART_BYTES = 100 * 1024;
export const MAX_PART_NUMBER = 10_000;

/** A part as the client names it when it completes an upload. */
export interface NamedPart {
  readonly partNumber: number;
  readonly etag: string;
}

export interface UploadsDeps {
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly clock: Clock;
  readonly objects: Objects;
}

/** Multipart uploads: parts are separate byte strings until `complete` joins them into an object. */
export class Uploads {
  readonly #metadata: MetadataStore;
  readonly #bytes: ObjectStore;
  readonly #clock: Clock;
  readonly #objects: Objects;
  readonly #lock = new KeyedLock();

  constructor(deps: UploadsDeps) {
    this.#metadata = deps.metadata;
    this.#bytes = deps.bytes;
    this.#clock = deps.clock;
    this.#objects = deps.objects;
  }

  async initiate(bucket: string, key: string, options: PutOptions): Promise<MultipartUpload> {
    const upload: MultipartUpload = {
      bucket,
      key,
      uploadId: randomBytes(16).toString('hex').toUpperCase(),
      initiatedMs: this.#clock.now(),
      acl: options.acl ?? 'default',
      headers: options.headers ?? {},
    };
    await this.#metadata.putUpload(upload);
    return upload;
  }

  /** @throws OssError NoSuchUpload when there is none of this id and key */
  async get(bucket: string, key: string, uploadId: string): Promise<MultipartUpload> {
    const upload = await this.#metadata.getUpload(uploadId);
    if (upload?.bucket === bucket && upload.key === key) return upload;
    throw noSuchUpload(uploadId);
  }

  /**
   * Stores or replaces a part.
   *
   * @throws OssError InvalidDigest when the MD5 is not the given one, NoSuchUpload when the upload has ended meanwhile
   */
  async putPart(
    upload: MultipartUpload,
    partNumber: number,
    bytes: Chunks,
    contentMd5?: string,
  ): Promise<UploadedPart> {
    const hint = { bucket: upload.bucket, key: `.uploads/${upload.uploadId}/${partNumber}` };
    const received = await receive(this.#bytes, hint, bytes, contentMd5);
    const part: UploadedPart = {
      uploadId: upload.uploadId,
      partNumber,
      sizeBytes: received.sizeBytes,
      etag: received.md5,
      crc64: received.crc64,
      location: received.location,
      lastModifiedMs: this.#clock.now(),
    };
    await this.#lock.run(upload.uploadId, async () => {
      try {
        await this.get(upload.bucket, upload.key, upload.uploadId);
        const replaced = await this.#metadata.putPart(part);
        if (replaced !== undefined) await this.#bytes.delete(replaced);
      } catch (error) {
        await this.#bytes.delete(part.location);
        throw error;
      }
    });
    return part;
  }

  /**
   * Joins parts into the object and ends the upload; `named` undefined means all of them (`x-oss-complete-all: yes`).
   *
   * @throws OssError NoSuchUpload when the upload has ended, InvalidPart, InvalidPartOrder or EntityTooSmall when a
   * named part is missing, in the wrong place or too small, FileAlreadyExists when an object must not be replaced
   */
  async complete(
    upload: MultipartUpload,
    named: readonly NamedPart[] | undefined,
    forbidOverwrite: boolean,
  ): Promise<ObjectRecord> {
    const { bucket, key, uploadId } = upload;
    const since = this.#objects.epoch(bucket);
    return this.#lock.run(uploadId, async () => {
      await this.get(bucket, key, uploadId);
      if (forbidOverwrite) refuseToReplace(await this.#objects.find(bucket, key));
      const uploaded = await this.#allParts(uploadId);
      const parts = named ? choose(named, uploaded) : uploaded;
      checkSizes(parts);
      const chunks = joinedChunks(
        this.#bytes,
        parts.map((part) => part.location),
      );
      const received = await receive(this.#bytes, { bucket, key }, chunks);
      const record: ObjectRecord = {
        bucket,
        key,
        type: 'Multipart',
        sizeBytes: received.sizeBytes,
        etag: joinedEtag(parts),
        contentMd5: null,
        crc64: received.crc64,
        location: received.location,
        lastModifiedMs: this.#clock.now(),
        acl: upload.acl,
        headers: upload.headers,
      };
      await this.#objects.adopt(record, since, forbidOverwrite ? refuseToReplace : undefined);
      await this.#discard(uploadId);
      return record;
    });
  }

  async abort(upload: MultipartUpload): Promise<void> {
    await this.#lock.run(upload.uploadId, async () => {
      await this.get(upload.bucket, upload.key, upload.uploadId);
      await this.#discard(upload.uploadId);
    });
  }

  async #discard(uploadId: string): Promise<void> {
    for (const part of await this.#metadata.deleteUpload(uploadId)) await this.#bytes.delete(part.location);
  }

  async #allParts(uploadId: string): Promise<readonly UploadedPart[]> {
    return (await this.#metadata.listParts(uploadId, 0, MAX_PART_NUMBER)).items;
  }
}

function choose(named: readonly NamedPart[], uploaded: readonly UploadedPart[]): readonly UploadedPart[] {
  const byNumber = new Map(uploaded.map((part) => [part.partNumber, part]));
  let previous = 0;
  return named.map(({ partNumber, etag }) => {
    if (partNumber <= previous) {
      throw new OssError('InvalidPartOrder', 'The list of parts was not in ascending order.');
    }
    previous = partNumber;
    const part = byNumber.get(partNumber);
    if (part && part.etag === etag.replaceAll('"', '').toUpperCase()) return part;
    throw new OssError('InvalidPart', 'One or more of the specified parts could not be found or had another ETag.', {
      details: { PartNumber: String(partNumber) },
    });
  });
}

function checkSizes(parts: readonly UploadedPart[]): void {
  for (const part of parts.slice(0, -1)) {
    if (part.sizeBytes >= MIN_PART_BYTES) continue;
    throw new OssError('EntityTooSmall', 'Your proposed upload smaller than the minimum allowed size.', {
      details: { MinSizeAllowed: String(MIN_PART_BYTES), ProposedSize: String(part.sizeBytes) },
    });
  }
}

/** Not the MD5 of the object, but the MD5 of the MD5s of its parts, followed by their number. */
function joinedEtag(parts: readonly UploadedPart[]): string {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(Buffer.from(part.etag, 'hex'));
  return `${md5.digest('hex').toUpperCase()}-${parts.length}`;
}
