/**
 * Code that makes a request again with an SDK: ali-oss (Node), oss2 (Python), aliyun-oss-go-sdk (Go). An operation that an SDK
 * does not have, or a request with more than its call can say, has no code: curl can say everything.
 */
import { readChannelConfiguration } from '../../aliyun/xml/channel-documents.ts';
import { BODY_FILE } from './curl-line.ts';
import type { KeptRequest } from './kept-requests.ts';

export interface SdkCode {
  readonly name: 'Node' | 'Python' | 'Go';
  /** The library that the code uses. */
  readonly library: string;
  readonly code: string;
}

/** What a program needs to know of the emulator. */
export interface SdkAccess {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** The call in each language; undefined where the SDK has none. */
interface Calls {
  readonly node?: string;
  readonly python?: string;
  readonly go?: string;
}

interface Translation {
  /** The parameters of the query that the calls say. */
  readonly parameters?: readonly string[];
  /** The headers that the calls say, besides Content-Type. */
  readonly headers?: readonly string[];
  readonly calls: (request: KeptRequest) => Calls | undefined;
}

export function sdkCode(request: KeptRequest, access: SdkAccess): readonly SdkCode[] {
  const translation = TRANSLATIONS[request.operation ?? ''];
  if (!translation || request.missing.length > 0 || !saysAll(translation, request)) return [];
  const { node, python, go } = translation.calls(request) ?? {};
  const { bucket } = request;
  const codes: (SdkCode | undefined)[] = [
    node === undefined ? undefined : { name: 'Node', library: 'ali-oss', code: nodeProgram(node, bucket, access) },
    python === undefined ? undefined : { name: 'Python', library: 'oss2', code: pythonProgram(python, bucket, access) },
    go === undefined ? undefined : { name: 'Go', library: 'aliyun-oss-go-sdk', code: goProgram(go, bucket, access) },
  ];
  return codes.filter((code) => code !== undefined);
}

function saysAll({ parameters = [], headers = [] }: Translation, request: KeptRequest): boolean {
  const isSaid = (name: string, said: readonly string[]) => said.includes(name);
  return (
    request.query.every(({ name }) => isSaid(name, parameters)) &&
    [...request.headers.keys()].every((name) => name === 'content-type' || isSaid(name, headers))
  );
}

const LIST = ['prefix', 'marker', 'max-keys', 'delimiter', 'encoding-type'];
const LIST_V2 = ['list-type', 'prefix', 'start-after', 'max-keys', 'delimiter', 'encoding-type', 'continuation-token'];
const CHANNEL_LIST = ['live', 'prefix', 'marker', 'max-keys'];
const PERIOD = ['vod', 'startTime', 'endTime'];

const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  PutLiveChannel: { parameters: ['live'], calls: putChannel },
  ListLiveChannel: {
    parameters: CHANNEL_LIST,
    calls: (request) => ({
      node: `await client.listChannels(${objectOf(request, CHANNEL_LIST)})`,
      python: `bucket.list_live_channel(${pythonArguments(request, CHANNEL_LIST)})`,
      go: `bucket.ListLiveChannel(${goOptions(request, CHANNEL_LIST)})`,
    }),
  },
  DeleteLiveChannel: {
    parameters: ['live'],
    calls: ({ key }) => ({
      node: `await client.deleteChannel(${quoted(key)})`,
      python: `bucket.delete_live_channel(${quoted(key)})`,
      go: `bucket.DeleteLiveChannel(${quoted(key)})`,
    }),
  },
  PutLiveChannelStatus: {
    parameters: ['live', 'status'],
    calls: (request) => {
      const names = `${quoted(request.key)}, ${quoted(parameterOf(request, 'status'))}`;
      return {
        node: `await client.putChannelStatus(${names})`,
        python: `bucket.put_live_channel_status(${names})`,
        go: `bucket.PutLiveChannelStatus(${names})`,
      };
    },
  },
  GetLiveChannelInfo: {
    parameters: ['live'],
    calls: ({ key }) => ({
      node: `await client.getChannel(${quoted(key)})`,
      python: `bucket.get_live_channel(${quoted(key)})`,
      go: `bucket.GetLiveChannelInfo(${quoted(key)})`,
    }),
  },
  GetLiveChannelStat: {
    parameters: ['live', 'comp'],
    calls: ({ key }) => ({
      node: `await client.getChannelStatus(${quoted(key)})`,
      python: `bucket.get_live_channel_stat(${quoted(key)})`,
      go: `bucket.GetLiveChannelStat(${quoted(key)})`,
    }),
  },
  GetLiveChannelHistory: {
    parameters: ['live', 'comp'],
    calls: ({ key }) => ({
      node: `await client.getChannelHistory(${quoted(key)})`,
      python: `bucket.get_live_channel_history(${quoted(key)})`,
      go: `bucket.GetLiveChannelHistory(${quoted(key)})`,
    }),
  },
  PostVodPlaylist: { parameters: PERIOD, calls: postVodPlaylist },
  GetVodPlaylist: { parameters: PERIOD, calls: getVodPlaylist },
  PutObject: {
    calls: ({ key }) => ({
      node: `await client.put(${quoted(key)}, '${BODY_FILE}')`,
      python: `bucket.put_object_from_file(${quoted(key)}, '${BODY_FILE}')`,
      go: `bucket.PutObjectFromFile(${quoted(key)}, "${BODY_FILE}")`,
    }),
  },
  GetObject: {
    calls: ({ key }) => ({
      node: `await client.get(${quoted(key)})`,
      python: `bucket.get_object(${quoted(key)}).read()`,
      go: `bucket.GetObject(${quoted(key)})`,
    }),
  },
  HeadObject: {
    calls: ({ key }) => ({
      node: `await client.head(${quoted(key)})`,
      python: `bucket.head_object(${quoted(key)})`,
      go: `bucket.GetObjectDetailedMeta(${quoted(key)})`,
    }),
  },
  GetObjectMeta: {
    parameters: ['objectMeta'],
    calls: ({ key }) => ({
      node: `await client.getObjectMeta(${quoted(key)})`,
      python: `bucket.get_object_meta(${quoted(key)})`,
      go: `bucket.GetObjectMeta(${quoted(key)})`,
    }),
  },
  DeleteObject: {
    calls: ({ key }) => ({
      node: `await client.delete(${quoted(key)})`,
      python: `bucket.delete_object(${quoted(key)})`,
      go: `bucket.DeleteObject(${quoted(key)})`,
    }),
  },
  CopyObject: { headers: ['x-oss-copy-source'], calls: copyObject },
  GetObjectACL: {
    parameters: ['acl'],
    calls: ({ key }) => ({
      node: `await client.getACL(${quoted(key)})`,
      python: `bucket.get_object_acl(${quoted(key)})`,
      go: `bucket.GetObjectACL(${quoted(key)})`,
    }),
  },
  PutObjectACL: {
    parameters: ['acl'],
    headers: ['x-oss-object-acl'],
    calls: ({ key, headers }) => {
      const names = `${quoted(key)}, ${quoted(headers.get('x-oss-object-acl') ?? '')}`;
      return {
        node: `await client.putACL(${names})`,
        python: `bucket.put_object_acl(${names})`,
        go: `bucket.SetObjectACL(${names})`,
      };
    },
  },
  'GetBucket (ListObjects)': {
    parameters: LIST,
    calls: (request) => ({
      node: `await client.list(${objectOf(request, LIST)})`,
      python: `bucket.list_objects(${pythonArguments(request, LIST)})`,
      go: `bucket.ListObjects(${goOptions(request, LIST)})`,
    }),
  },
  ListObjectsV2: {
    parameters: LIST_V2,
    calls: (request) => ({
      node: `await client.listV2(${objectOf(request, LIST_V2)})`,
      python: `bucket.list_objects_v2(${pythonArguments(request, LIST_V2)})`,
      go: `bucket.ListObjectsV2(${goOptions(request, LIST_V2)})`,
    }),
  },
  GetService: {
    calls: () => ({
      node: 'await client.listBuckets({})',
      python: 'oss2.Service(auth, endpoint).list_buckets()',
      go: 'client.ListBuckets()',
    }),
  },
  GetBucketInfo: {
    parameters: ['bucketInfo'],
    calls: ({ bucket }) => ({
      node: `await client.getBucketInfo(${quoted(bucket)})`,
      python: 'bucket.get_bucket_info()',
      go: `client.GetBucketInfo(${quoted(bucket)})`,
    }),
  },
};

function putChannel({ key, body }: KeptRequest): Calls | undefined {
  if (body.state !== 'kept') return undefined;
  const read = readConfiguration(body.text);
  // The calls have no place for a snapshot, or for a type that is none.
  if (read?.target?.type !== 'HLS' || read.snapshots.length > 0) return undefined;
  const { description = '', status = 'enabled', target } = read;
  const { fragDuration, fragCount, playlistName = '' } = target;
  if (!/^\d+$/.test(fragDuration ?? '') || !/^\d+$/.test(fragCount ?? '')) return undefined;
  const inObject = `Type: 'HLS', FragDuration: ${fragDuration}, FragCount: ${fragCount}, PlaylistName: ${quoted(playlistName)}`;
  const inCall = `frag_duration=${fragDuration}, frag_count=${fragCount}, playlist_name=${quoted(playlistName)}`;
  const about = `Description: ${quoted(description)}, Status: ${quoted(status)}`;
  return {
    node: `await client.putChannel(${quoted(key)}, {\n  ${about},\n  Target: { ${inObject} },\n})`,
    python: `bucket.create_live_channel(${quoted(key)}, oss2.models.LiveChannelInfo(\n    status=${quoted(status)}, description=${quoted(description)},\n    target=oss2.models.LiveChannelInfoTarget(${inCall})))`,
    go: `bucket.CreateLiveChannel(${quoted(key)}, oss.LiveChannelConfiguration{\n\t${about},\n\tTarget: oss.LiveChannelTarget{${inObject.replaceAll("'", '"')}},\n})`,
  };
}

/** A document that was refused may be none. */
function readConfiguration(text: string) {
  try {
    return readChannelConfiguration(Buffer.from(text), text.length * 4);
  } catch {
    return undefined;
  }
}

function postVodPlaylist(request: KeptRequest): Calls | undefined {
  const period = periodOf(request);
  const slash = request.key.lastIndexOf('/');
  if (!period || slash < 0) return undefined;
  const names = `${quoted(request.key.slice(0, slash))}, ${quoted(request.key.slice(slash + 1))}`;
  const { from, to } = period;
  return {
    node: `await client.createVod(${names}, { startTime: ${from}, endTime: ${to} })`,
    python: `bucket.post_vod_playlist(${names}, start_time=${from}, end_time=${to})`,
    go: `bucket.PostVodPlaylist(${names}, time.Unix(${from}, 0), time.Unix(${to}, 0))`,
  };
}

/** ali-oss has no such call. */
function getVodPlaylist(request: KeptRequest): Calls | undefined {
  const period = periodOf(request);
  if (!period) return undefined;
  const { from, to } = period;
  return {
    python: `bucket.get_vod_playlist(${quoted(request.key)}, start_time=${from}, end_time=${to})`,
    go: `bucket.GetVodPlaylist(${quoted(request.key)}, time.Unix(${from}, 0), time.Unix(${to}, 0))`,
  };
}

function periodOf(request: KeptRequest): { readonly from: string; readonly to: string } | undefined {
  const [from, to] = [parameterOf(request, 'startTime'), parameterOf(request, 'endTime')];
  return /^\d+$/.test(from) && /^\d+$/.test(to) ? { from, to } : undefined;
}

function copyObject({ key, headers }: KeptRequest): Calls | undefined {
  const [, bucket = '', source = ''] = /^\/([^/]+)\/([^?]+)$/.exec(headers.get('x-oss-copy-source') ?? '') ?? [];
  if (source === '') return undefined;
  const sourceKey = decodeURIComponent(source);
  const [from, name] = [quoted(bucket), quoted(sourceKey)];
  return {
    node: `await client.copy(${quoted(key)}, ${name}, ${from})`,
    python: `bucket.copy_object(${from}, ${name}, ${quoted(key)})`,
    // The Go SDK writes a blank as a plus, which is another key.
    ...(!sourceKey.includes(' ') && { go: `bucket.CopyObjectFrom(${from}, ${name}, ${quoted(key)})` }),
  };
}

function nodeProgram(call: string, bucket: string, { endpoint, accessKeyId, accessKeySecret }: SdkAccess): string {
  const where = `endpoint: ${quoted(endpoint)}, sldEnable: true${bucket === '' ? '' : `, bucket: ${quoted(bucket)}`}`;
  return `const client = new OSS({
  ${where},
  accessKeyId: ${quoted(accessKeyId)}, accessKeySecret: ${quoted(accessKeySecret)},
});
const result = ${call};`;
}

function pythonProgram(call: string, bucket: string, { endpoint, accessKeyId, accessKeySecret }: SdkAccess): string {
  return `auth = oss2.Auth(${quoted(accessKeyId)}, ${quoted(accessKeySecret)})
endpoint = ${quoted(endpoint)}
${bucket === '' ? '' : `bucket = oss2.Bucket(auth, endpoint, ${quoted(bucket)})\n`}result = ${call}`;
}

function goProgram(call: string, bucket: string, { endpoint, accessKeyId, accessKeySecret }: SdkAccess): string {
  const keys = `${quoted(accessKeyId)}, ${quoted(accessKeySecret)}`;
  const open = bucket === '' || call.startsWith('client.') ? '' : `bucket, err := client.Bucket(${quoted(bucket)})\n`;
  return `client, err := oss.New(${quoted(endpoint)}, ${keys})
${open}${GO_WITHOUT_RESULT.test(call) ? 'err =' : 'result, err :='} ${call}`;
}

/** These return an error alone. */
const GO_WITHOUT_RESULT =
  /^bucket\.(?:DeleteLiveChannel|PutLiveChannelStatus|PostVodPlaylist|PutObjectFromFile|DeleteObject|SetObjectACL)\(/;

function parameterOf({ query }: KeptRequest, name: string): string {
  return query.find((parameter) => parameter.name === name)?.value ?? '';
}

/** The parameters of a list that say what is listed. `encoding-type` is added and undone by every SDK. */
function listed(request: KeptRequest, names: readonly string[]): readonly (readonly [name: string, value: string])[] {
  return names
    .filter((name) => !['live', 'list-type', 'encoding-type'].includes(name))
    .flatMap((name) => {
      const value = parameterOf(request, name);
      return value === '' ? [] : [[name, value] as const];
    });
}

function objectOf(request: KeptRequest, names: readonly string[]): string {
  const pairs = listed(request, names).map(([name, value]) => `'${name}': ${numberOrText(name, value)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

function pythonArguments(request: KeptRequest, names: readonly string[]): string {
  return listed(request, names)
    .map(([name, value]) => `${name.replaceAll('-', '_')}=${numberOrText(name, value)}`)
    .join(', ');
}

const GO_OPTIONS: Readonly<Record<string, string>> = {
  prefix: 'Prefix',
  marker: 'Marker',
  'max-keys': 'MaxKeys',
  delimiter: 'Delimiter',
  'start-after': 'StartAfter',
  'continuation-token': 'ContinuationToken',
};

function goOptions(request: KeptRequest, names: readonly string[]): string {
  return listed(request, names)
    .map(([name, value]) => `oss.${GO_OPTIONS[name]}(${numberOrText(name, value)})`)
    .join(', ');
}

function numberOrText(name: string, value: string): string {
  return name === 'max-keys' && /^\d+$/.test(value) ? value : quoted(value);
}

/** A string literal of JavaScript, of Python and of Go: all three have the escapes of JSON. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
