import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { OssError } from '../../base/errors.ts';
import { KeyedLock } from '../../base/keyed-lock.ts';
import type { MetadataStore } from '../metadata/metadata-store.ts';
import type { MultipartUpload, NewObject, ObjectRecord, UploadedPart } from '../metadata/records.ts';
import { invalidPart, noSuchUpload } from '../metadata/upload-refusals.ts';
import { refuseToReplace } from './object-refusals.ts';
import { type Chunks, isOtherThanRow, type ObjectStore } from './object-store.ts';
import { joinedChunks, type Objects, type PutOptions } from './objects.ts';
import { type Received, receive } from './receive.ts';
import { writeRowOf } from './write-row.ts';

/** The least size of each part except the last. Source: CompleteMultipartUpload page. */
const MIN_PART_BYTES = 100 * 1024;
export const MAX_PART_NUMBER = 10_000;
const CLIENT_SIDE_ENCRYPTION = 'x-oss-meta-client-side-encryption';

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

  /**
   * `sequential`: parts must come in order, and the object has a Content-MD5.
   *
   * @throws OssError FileAlreadyExists when an object must not be replaced, and before any part is sent
   * (InitiateMultipartUpload page)
   */
  async initiate(bucket: string, key: string, options: PutOptions, sequential = false): Promise<MultipartUpload> {
    if (options.forbidOverwrite === true) refuseToReplace(await this.#objects.find(bucket, key));
    const upload: MultipartUpload = {
      bucket,
      key,
      uploadId: randomBytes(16).toString('hex').toUpperCase(),
      initiatedMs: this.#clock.now(),
      acl: options.acl ?? 'default',
      headers: options.headers ?? {},
      sequential,
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
   * @throws OssError InvalidDigest when the MD5 is not the given one, NoSuchUpload when the upload has ended meanwhile,
   * PartNotSequential when a part of a sequential upload is not the next one, InvalidArgument when the part has not the
   * size that its client announced for parts
   */
  async putPart(
    upload: MultipartUpload,
    partNumber: number,
    bytes: Chunks,
    contentMd5?: string,
  ): Promise<UploadedPart> {
    await this.#checkSequence(upload, partNumber);
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
    const replaced = await writeRowOf(this.#bytes, part.location, () =>
      this.#lock.run(upload.uploadId, async () => {
        checkEncryptedPart(upload, part);
        const check = (lastPartNumber: number) => checkNext(lastPartNumber, partNumber);
        return this.#metadata.putPart(part, upload.sequential ? check : undefined);
      }),
    );
    if (replaced !== undefined) await this.#bytes.delete(replaced);
    return part;
  }

  /**
   * Joins parts into the object and ends the upload; `named` undefined means all of them (`x-oss-complete-all: yes`).
   * The ACL is that of the upload unless another one is given.
   *
   * @throws OssError NoSuchUpload when the upload has ended, InvalidPart, InvalidPartOrder or EntityTooSmall when a
   * named part is missing, in the wrong place or too small, FileAlreadyExists when an object must not be replaced
   */
  async complete(
    upload: MultipartUpload,
    named: readonly NamedPart[] | undefined,
    { forbidOverwrite = false, acl = upload.acl }: Pick<PutOptions, 'forbidOverwrite' | 'acl'> = {},
  ): Promise<ObjectRecord> {
    const { bucket, key, uploadId } = upload;
    const since = this.#objects.epoch(bucket);
    return this.#lock.run(uploadId, async () => {
      await this.get(bucket, key, uploadId);
      if (forbidOverwrite) refuseToReplace(await this.#objects.find(bucket, key));
      const uploaded = await this.#allParts(uploadId);
      const parts = named ? choose(named, uploaded) : uploaded;
      checkSizes(parts);
      const received = await this.#join(upload, parts);
      const object: NewObject = {
        bucket,
        key,
        type: 'Multipart',
        sizeBytes: received.sizeBytes,
        etag: joinedEtag(parts),
        contentMd5: upload.sequential ? received.contentMd5 : null,
        crc64: received.crc64,
        location: received.location,
        lastModifiedMs: this.#clock.now(),
        acl,
        headers: upload.headers,
        restore: null,
        accessedMs: null,
      };
      let discarded: readonly UploadedPart[] = [];
      const record = await this.#objects.write(object, since, async () => {
        const check = forbidOverwrite ? refuseToReplace : undefined;
        const completed = await this.#metadata.completeUpload(uploadId, parts, object, check);
        discarded = completed.parts;
        return completed;
      });
      await this.#deleteBytes(discarded);
      return record;
    });
  }

  /** NoSuchUpload when another process has ended the upload meanwhile, and deleted the parts. */
  async #join({ bucket, key, uploadId }: MultipartUpload, parts: readonly UploadedPart[]): Promise<Received> {
    try {
      return await receive(this.#bytes, { bucket, key }, joinedChunks(this.#bytes, parts));
    } catch (error) {
      if (isOtherThanRow(error)) await this.get(bucket, key, uploadId);
      throw error;
    }
  }

  async abort(upload: MultipartUpload): Promise<void> {
    await this.#lock.run(upload.uploadId, async () => {
      await this.get(upload.bucket, upload.key, upload.uploadId);
      await this.#deleteBytes(await this.#metadata.deleteUpload(upload.uploadId));
    });
  }

  async #deleteBytes(parts: readonly UploadedPart[]): Promise<void> {
    for (const part of parts) await this.#bytes.delete(part.location);
  }

  /** Also before the bytes are received: of parts that are sent at the same time, only one can be the next. */
  async #checkSequence({ uploadId, sequential }: MultipartUpload, partNumber: number): Promise<void> {
    if (!sequential) return;
    checkNext((await this.#allParts(uploadId)).at(-1)?.partNumber ?? 0, partNumber);
  }

  async #allParts(uploadId: string): Promise<readonly UploadedPart[]> {
    return (await this.#metadata.listParts(uploadId, 0, MAX_PART_NUMBER)).items;
  }
}

/** @throws OssError PartNotSequential */
function checkNext(lastPartNumber: number, partNumber: number): void {
  if (partNumber === lastPartNumber + 1) return;
  throw new OssError('PartNotSequential', 'The part numbers of a sequential upload must be in order.', {
    details: { PartNumber: String(partNumber), ExpectedPartNumber: String(lastPartNumber + 1) },
  });
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
    throw invalidPart(partNumber);
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

/**
 * A client that encrypts announces the sizes of the object and of its parts: each part has this size, except the last.
 * Without the size of the object, any part may be the last.
 */
function checkEncryptedPart({ headers }: MultipartUpload, { partNumber, sizeBytes }: UploadedPart): void {
  const partSize = announcedSize(headers[`${CLIENT_SIDE_ENCRYPTION}-part-size`]);
  if (Number.isNaN(partSize)) return;
  const dataSize = announcedSize(headers[`${CLIENT_SIDE_ENCRYPTION}-data-size`]);
  const expected = Math.min(partSize, dataSize - (partNumber - 1) * partSize);
  if (Number.isNaN(expected) ? sizeBytes <= partSize : sizeBytes === expected) return;
  throw new OssError('InvalidArgument', 'The part has not the size that the client-side encryption announced.', {
    details: { ArgumentName: `${CLIENT_SIDE_ENCRYPTION}-part-size`, ArgumentValue: String(partSize) },
    reason: `part ${partNumber} has ${sizeBytes} bytes`,
  });
}

/** NaN when the header has no size. */
function announcedSize(header = ''): number {
  return /^\d{1,15}$/.test(header) ? Number(header) : Number.NaN;
}

/**
 * Not the MD5 of the object, but the MD5 of the ETags of its parts (as text, in upper case), followed by their number.
 */
function joinedEtag(parts: readonly UploadedPart[]): string {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.etag);
  return `${md5.digest('hex').toUpperCase()}-${parts.length}`;
}
