import { Readable } from 'node:stream';
import type { _Error } from '@aws-sdk/client-s3';
import { isMissingPackage } from '../../../base/error-code.ts';
import { UsageError } from '../../../base/errors.ts';
import { unlessMissing } from './attempts.ts';
import type { ObjectsUrl } from './objects-url.ts';
import { encodeTitle, type RemoteBucket, type RequestLimits, TITLE } from './remote-bucket.ts';
import { StoreConnections } from './store-connections.ts';

type Sdk = typeof import('@aws-sdk/client-s3');

/** Of codes that are no refusal. Source: error codes of S3. */
const STATUS_OF_CODE: ReadonlyMap<string, number> = new Map([
  ['InternalError', 500],
  ['RequestTimeout', 408],
  ['ServiceUnavailable', 503],
  ['SlowDown', 503],
]);

/** A host that does not answer SYN; a refused connection fails at once. */
const CONNECTION_TIMEOUT_MS = 2_000;

/**
 * A bucket of any store with the API of S3 and strong read-after-write. Credentials are those of the URL, or what the SDK
 * finds (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, profiles, roles). Path style works with every store that has an endpoint
 * of its own.
 *
 * @throws UsageError when the package is not installed
 */
export async function openS3Bucket(url: ObjectsUrl): Promise<RemoteBucket> {
  const sdk = await loadSdk();
  const connections = new StoreConnections();
  const { httpAgent, httpsAgent } = connections;
  const client = new sdk.S3Client({
    region: url.region ?? process.env.AWS_REGION ?? 'us-east-1',
    forcePathStyle: url.endpoint !== undefined,
    // Attempts are counted in `attempts.ts`, for every kind of store alike.
    maxAttempts: 1,
    // Sums beyond MD5 and SHA-256 are refused by some stores.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, throwOnRequestTimeout: true, httpAgent, httpsAgent },
    ...(url.endpoint !== undefined && { endpoint: url.endpoint }),
    ...(url.credentials && {
      credentials: { accessKeyId: url.credentials.id, secretAccessKey: url.credentials.secret },
    }),
  });
  const Bucket = url.bucket;
  const options = ({ signal }: RequestLimits) => ({ abortSignal: signal });
  return {
    async put(Key, Body, title, limits) {
      const Metadata = { [TITLE]: encodeTitle(title) };
      const command = new sdk.PutObjectCommand({ Bucket, Key, Body, Metadata });
      const { answer, isSent } = await connections.watch(() => client.send(command, options(limits)));
      return { etag: answer.ETag ?? '', isSent };
    },
    async beginUpload(Key, title, limits) {
      const Metadata = { [TITLE]: encodeTitle(title) };
      const command = new sdk.CreateMultipartUploadCommand({ Bucket, Key, Metadata });
      const { UploadId = '' } = await client.send(command, options(limits));
      return UploadId;
    },
    async putPart(Key, UploadId, PartNumber, Body, limits) {
      const command = new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body });
      const { answer, isSent } = await connections.watch(() => client.send(command, options(limits)));
      return { etag: answer.ETag ?? '', isSent };
    },
    async completeUpload(Key, UploadId, etags, limits) {
      const Parts = etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
      const command = new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
      await client.send(command, options(limits));
    },
    async abortUpload(Key, UploadId, limits) {
      await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }), options(limits));
    },
    async size(Key, limits) {
      const command = new sdk.HeadObjectCommand({ Bucket, Key });
      const head = await unlessMissing(client.send(command, options(limits)));
      return head && (head.ContentLength ?? 0);
    },
    async read(Key, { start, end }, limits) {
      const command = new sdk.GetObjectCommand({ Bucket, Key, Range: `bytes=${start}-${end}` });
      const answer = await unlessMissing(client.send(command, options(limits)));
      if (!answer) return undefined;
      if (answer.Body instanceof Readable) return answer.Body;
      throw new Error('the answer has no body');
    },
    async delete(keys, limits) {
      const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
      const { Errors = [] } = await client.send(new sdk.DeleteObjectsCommand({ Bucket, Delete }), options(limits));
      const [first] = Errors.filter(({ Code }) => Code !== 'NoSuchKey');
      if (first) throw refusedDeletion(first);
    },
    async list(Prefix, after, limits) {
      const StartAfter = after === '' ? undefined : after;
      const { Contents = [] } = await client.send(
        new sdk.ListObjectsV2Command({ Bucket, Prefix, StartAfter }),
        options(limits),
      );
      return Contents.map(({ Key = '', Size = 0, LastModified }) => ({
        key: Key,
        sizeBytes: Size,
        modifiedMs: LastModified?.getTime() ?? Number.POSITIVE_INFINITY,
      }));
    },
    async listUploads(Prefix, limits) {
      const command = new sdk.ListMultipartUploadsCommand({ Bucket, Prefix });
      const { Uploads = [] } = await client.send(command, options(limits));
      return Uploads.map(({ Key = '', UploadId = '', Initiated }) => ({
        key: Key,
        uploadId: UploadId,
        initiatedMs: Initiated?.getTime() ?? Number.POSITIVE_INFINITY,
      }));
    },
    close() {
      client.destroy();
      connections.close();
    },
  };
}

/** As if the key had been deleted by a request of its own. */
function refusedDeletion({ Key = '', Code = '', Message = '' }: _Error): Error {
  const error = new Error(`${Key} was not deleted: ${Code} ${Message}`);
  return Object.assign(error, { name: Code, status: STATUS_OF_CODE.get(Code) ?? 403 });
}

async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (error) {
    if (!isMissingPackage(error)) throw error;
    throw new UsageError('--objects s3:// needs a package that is not installed: npm install @aws-sdk/client-s3@3');
  }
}
