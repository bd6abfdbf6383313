/** What a data folder contains, as clients read it: the form in which a kept folder says what must be readable for ever. */
import { formatRpcTime } from '../../src/aliyun/auth/rpc-time.ts';
import { type Client, md5 } from '../crash/client.ts';

/** The bucket with versioning of a kept folder; the other one is that of the options. */
export const VERSIONED_BUCKET = 'versioned';
export const BUCKET = 'examplebucket';

/** Plain values only, compared as a whole. */
export interface FolderContents {
  readonly buckets: readonly string[];
  /** By path: what is read there. */
  readonly objects: Readonly<Record<string, ObjectContents>>;
  readonly versions: readonly VersionContents[];
  readonly uploads: Readonly<Record<string, readonly string[]>>;
  readonly channels: Readonly<Record<string, ChannelContents>>;
  readonly lifecycle: string;
  /** The keys of the index files of a stream. */
  readonly records: readonly string[];
}

interface ObjectContents {
  readonly md5: string;
  /** Those that the service keeps. */
  readonly headers: Readonly<Record<string, string>>;
}

interface VersionContents {
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  /** Null for a delete marker. */
  readonly md5: string | null;
}

interface ChannelContents {
  readonly configuration: string;
  readonly history: readonly (readonly string[])[];
  /** Names and durations. */
  readonly fragments: readonly (readonly [string, number])[];
}

const KEPT_HEADERS = [
  'content-type',
  'content-encoding',
  'etag',
  'last-modified',
  'x-oss-hash-crc64ecma',
  'x-oss-meta-colour',
  'x-oss-object-type',
  'x-oss-storage-class',
  'x-oss-tagging-count',
];

export async function readContents(client: Client): Promise<FolderContents> {
  const buckets = fieldsOf((await client.oss('GET', '/')).text, 'Name');
  return {
    buckets,
    objects: await readObjects(client),
    versions: await readVersions(client),
    uploads: await readUploads(client),
    channels: await readChannels(client),
    lifecycle: (await client.oss('GET', `/${BUCKET}`, { query: { lifecycle: '' } })).text,
    records: await readRecords(client),
  };
}

async function readObjects(client: Client): Promise<Record<string, ObjectContents>> {
  const objects: Record<string, ObjectContents> = {};
  const { text } = await client.oss('GET', `/${BUCKET}`, { query: { 'max-keys': '1000' } });
  for (const key of fieldsOf(text, 'Key')) {
    const { body, headers } = await client.oss('GET', `/${BUCKET}/${key}`);
    const kept = KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]]));
    objects[key] = { md5: md5(body), headers: Object.fromEntries(kept) };
  }
  return objects;
}

async function readVersions(client: Client): Promise<VersionContents[]> {
  const versions: VersionContents[] = [];
  const { text } = await client.oss('GET', `/${VERSIONED_BUCKET}`, { query: { versions: '' } });
  for (const [, kind, inner = ''] of text.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)) {
    const [key = '', versionId = '', isLatest] = ['Key', 'VersionId', 'IsLatest'].flatMap((name) =>
      fieldsOf(inner, name),
    );
    const path = `/${VERSIONED_BUCKET}/${key}`;
    const bytes = kind === 'Version' ? await client.oss('GET', path, { query: { versionId } }) : undefined;
    versions.push({ key, versionId, isLatest: isLatest === 'true', md5: bytes ? md5(bytes.body) : null });
  }
  return versions;
}

async function readUploads(client: Client): Promise<Record<string, readonly string[]>> {
  const uploads: Record<string, readonly string[]> = {};
  const { text } = await client.oss('GET', `/${BUCKET}`, { query: { uploads: '' } });
  for (const [, inner = ''] of text.matchAll(/<Upload>(.*?)<\/Upload>/gs)) {
    const [key = '', uploadId = ''] = ['Key', 'UploadId'].flatMap((name) => fieldsOf(inner, name));
    const parts = await client.oss('GET', `/${BUCKET}/${key}`, { query: { uploadId } });
    uploads[`${key} ${uploadId}`] = fieldsOf(parts.text, 'ETag').map((etag) => etag.replace(/&quot;|"/g, ''));
  }
  return uploads;
}

async function readChannels(client: Client): Promise<Record<string, ChannelContents>> {
  const channels: Record<string, ChannelContents> = {};
  const { text } = await client.oss('GET', `/${BUCKET}`, { query: { live: '' } });
  for (const [, inner = ''] of text.matchAll(/<LiveChannel>(.*?)<\/LiveChannel>/gs)) {
    const [name = ''] = fieldsOf(inner, 'Name');
    const path = `/${BUCKET}/${name}`;
    const configuration = await client.oss('GET', path, { query: { live: '' } });
    const history = await client.oss('GET', path, { query: { live: '', comp: 'history' } });
    const { fragments } = await client.control('GET', `/channels${path}/fragments`);
    channels[name] = {
      configuration: configuration.text,
      history: ['StartTime', 'EndTime', 'RemoteAddr'].map((field) => fieldsOf(history.text, field)),
      fragments: Array.isArray(fragments)
        ? fragments.map((entry) => [String(entry.name), Number(entry.durationMs)])
        : [],
    };
  }
  return channels;
}

async function readRecords(client: Client): Promise<readonly string[]> {
  const stream = { DomainName: 'example.com', AppName: 'app', StreamName: 'recorded' };
  const now = new Date((await client.control('GET', '/clock')).now as string).getTime();
  const range = { StartTime: formatRpcTime(now - 86_400_000), EndTime: formatRpcTime(now + 3_600_000) };
  const answer = await client.live('DescribeLiveStreamRecordIndexFiles', { ...stream, ...range });
  return [...JSON.stringify(answer).matchAll(/"OssObject":"(.*?)"/g)].map(([, key = '']) => key);
}

/** The texts of the elements of a name, in their order. */
function fieldsOf(document: string, name: string): string[] {
  return [...document.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, text = '']) => text);
}
