import { Readable } from 'node:stream';
import type OSS from 'ali-oss';
import { isMissingPackage } from '../../../base/error-code.ts';
import { UsageError } from '../../../base/errors.ts';
import { unlessMissing } from './attempts.ts';
import type { ObjectsUrl } from './objects-url.ts';
import { encodeTitle, type RemoteBucket, type RequestLimits, TITLE } from './remote-bucket.ts';
import { StoreConnections } from './store-connections.ts';

/**
 * A bucket of OSS. Credentials are those of the URL, or OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, as ossutil takes them.
 *
 * @throws UsageError when the package is not installed, or there are no credentials
 */
export async function openOssBucket(url: ObjectsUrl): Promise<RemoteBucket> {
  const connections = new StoreConnections();
  const client = await createClient(url, connections);
  const options = ({ timeoutMs }: RequestLimits) => ({ timeout: timeoutMs });
  return {
    async put(key, bytes, title, limits) {
      const { timeout } = options(limits);
      const headers = { [`x-oss-meta-${TITLE}`]: encodeTitle(title) };
      const { answer, isSent } = await connections.watch(() => client.put(key, bytes, { timeout, headers }));
      return { etag: String(Reflect.get(answer.res.headers, 'etag')), isSent };
    },
    async beginUpload(key, title, limits) {
      const { timeout } = options(limits);
      const headers = { [`x-oss-meta-${TITLE}`]: encodeTitle(title) };
      return (await client.initMultipartUpload(key, { timeout, headers })).uploadId;
    },
    async putPart(key, uploadId, partNumber, bytes, limits) {
      const { answer, isSent } = await connections.watch(() =>
        client.uploadPart(key, uploadId, partNumber, bytes, 0, bytes.length, options(limits)),
      );
      return { etag: answer.etag, isSent };
    },
    async completeUpload(key, uploadId, etags, limits) {
      const parts = etags.map((etag, index) => ({ etag, number: index + 1 }));
      await client.completeMultipartUpload(key, uploadId, parts, options(limits));
    },
    async abortUpload(key, uploadId, limits) {
      await client.abortMultipartUpload(key, uploadId, options(limits));
    },
    async size(key, limits) {
      const head = await unlessMissing(client.head(key, options(limits)));
      return head && Number(Reflect.get(head.res.headers, 'content-length'));
    },
    async read(key, { start, end }, limits) {
      const headers = { Range: `bytes=${start}-${end}` };
      const answer = await unlessMissing(client.getStream(key, { timeout: limits.timeoutMs, headers }));
      if (!answer) return undefined;
      if (answer.stream instanceof Readable) return answer.stream;
      throw new Error('the answer has no body');
    },
    async delete(keys, limits) {
      await client.deleteMulti([...keys], { quiet: true, timeout: limits.timeoutMs });
    },
    async list(prefix, after, limits) {
      const query = { prefix, 'max-keys': '1000', ...(after !== '' && { 'start-after': after }) };
      // `objects` is absent when there is none, against the types.
      const { objects = [] } = await client.listV2(query, options(limits));
      return (objects ?? []).map(({ name, size, lastModified }) => ({
        key: name,
        sizeBytes: size,
        modifiedMs: Date.parse(lastModified),
      }));
    },
    async listUploads(prefix, limits) {
      const { uploads = [] } = await client.listUploads({ prefix, 'max-uploads': 1000 }, options(limits));
      return (uploads ?? []).map(({ name, uploadId, initiated }) => ({
        key: name,
        uploadId,
        initiatedMs: Date.parse(String(initiated)),
      }));
    },
    close: () => connections.close(),
  };
}

async function createClient(url: ObjectsUrl, { httpAgent, httpsAgent }: StoreConnections): Promise<OSS> {
  const Client = await loadClient();
  const id = url.credentials?.id ?? process.env.OSS_ACCESS_KEY_ID;
  const secret = url.credentials?.secret ?? process.env.OSS_ACCESS_KEY_SECRET;
  if (!id || !secret) {
    throw new UsageError('--objects oss:// needs credentials: set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET.');
  }
  // The published types do not have them.
  const agents = { agent: httpAgent, httpsAgent };
  return new Client({
    accessKeyId: id,
    accessKeySecret: secret,
    bucket: url.bucket,
    ...agents,
    region: url.region ?? 'oss-cn-hangzhou',
    ...(url.endpoint !== undefined && { endpoint: url.endpoint }),
    // Endpoints on this machine have no names for buckets.
    ...(url.endpoint !== undefined && !url.endpoint.includes('.aliyuncs.com') && { sldEnable: true }),
    secure: url.endpoint === undefined || url.endpoint.startsWith('https:'),
  });
}

async function loadClient(): Promise<typeof OSS> {
  try {
    return (await import('ali-oss')).default;
  } catch (error) {
    if (!isMissingPackage(error)) throw error;
    throw new UsageError('--objects oss:// needs a package that is not installed: npm install ali-oss@6');
  }
}
