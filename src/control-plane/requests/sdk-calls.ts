/** The calls of SDKs that make a request again: of ali-oss (Node), oss2 (Python), aliyun-oss-go-sdk (Go). */
import { readChannelConfiguration } from '../../aliyun/xml/channel-documents.ts';
import { inGo, inJavaScript, inPython } from '../../base/string-literals.ts';
import { decodeHttpPath } from '../../http/address.ts';
import { BODY_FILE } from './curl-line.ts';
import type { KeptRequest } from './kept-requests.ts';

/** The call in each language; undefined where the SDK has none that says it. */
export interface Calls {
  readonly node?: string | undefined;
  readonly python?: string | undefined;
  readonly go?: string | undefined;
}

interface Translation {
  /** The parameters of the query that the calls say. */
  readonly parameters?: readonly string[];
  /** The headers that the calls say, besides Content-Type. */
  readonly headers?: readonly string[];
  readonly calls: (request: KeptRequest) => Calls | undefined;
}

/** The calls that say all that the request says. */
export function callsOf(request: KeptRequest): Calls {
  const translation = TRANSLATIONS.get(request.operation ?? '');
  return translation && saysAll(translation, request) ? (translation.calls(request) ?? {}) : {};
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
const MAX_KEYS = 'max-keys';
const PERIOD = ['vod', 'startTime', 'endTime'];

const TRANSLATIONS: ReadonlyMap<string, Translation> = new Map(
  Object.entries({
    PutLiveChannel: { parameters: ['live'], calls: putChannel },
    ListLiveChannel: {
      parameters: CHANNEL_LIST,
      calls: (request) => ({
        node: `await client.listChannels(${objectOf(request, CHANNEL_LIST)})`,
        python: `bucket.list_live_channel(${pythonArguments(request, CHANNEL_LIST)})`,
        go: goList('bucket.ListLiveChannel', request, CHANNEL_LIST),
      }),
    },
    DeleteLiveChannel: {
      parameters: ['live'],
      calls: ({ key }) => ({
        node: `await client.deleteChannel(${inJavaScript(key)})`,
        python: `bucket.delete_live_channel(${inPython(key)})`,
        go: `bucket.DeleteLiveChannel(${inGo(key)})`,
      }),
    },
    PutLiveChannelStatus: {
      parameters: ['live', 'status'],
      calls: (request) => {
        const names = [request.key, parameterOf(request, 'status')];
        return {
          node: `await client.putChannelStatus(${listOf(names, inJavaScript)})`,
          python: `bucket.put_live_channel_status(${listOf(names, inPython)})`,
          go: `bucket.PutLiveChannelStatus(${listOf(names, inGo)})`,
        };
      },
    },
    GetLiveChannelInfo: {
      parameters: ['live'],
      calls: ({ key }) => ({
        node: `await client.getChannel(${inJavaScript(key)})`,
        python: `bucket.get_live_channel(${inPython(key)})`,
        go: `bucket.GetLiveChannelInfo(${inGo(key)})`,
      }),
    },
    GetLiveChannelStat: {
      parameters: ['live', 'comp'],
      calls: ({ key }) => ({
        node: `await client.getChannelStatus(${inJavaScript(key)})`,
        python: `bucket.get_live_channel_stat(${inPython(key)})`,
        go: `bucket.GetLiveChannelStat(${inGo(key)})`,
      }),
    },
    GetLiveChannelHistory: {
      parameters: ['live', 'comp'],
      calls: ({ key }) => ({
        node: `await client.getChannelHistory(${inJavaScript(key)})`,
        python: `bucket.get_live_channel_history(${inPython(key)})`,
        go: `bucket.GetLiveChannelHistory(${inGo(key)})`,
      }),
    },
    PostVodPlaylist: { parameters: PERIOD, calls: postVodPlaylist },
    GetVodPlaylist: { parameters: PERIOD, calls: getVodPlaylist },
    PutObject: {
      calls: ({ key }) => ({
        node: `await client.put(${inJavaScript(key)}, "${BODY_FILE}")`,
        python: `bucket.put_object_from_file(${inPython(key)}, "${BODY_FILE}")`,
        go: `bucket.PutObjectFromFile(${inGo(key)}, "${BODY_FILE}")`,
      }),
    },
    GetObject: {
      calls: ({ key }) => ({
        node: `await client.get(${inJavaScript(key)})`,
        python: `bucket.get_object(${inPython(key)}).read()`,
        go: `bucket.GetObject(${inGo(key)})`,
      }),
    },
    HeadObject: {
      calls: ({ key }) => ({
        node: `await client.head(${inJavaScript(key)})`,
        python: `bucket.head_object(${inPython(key)})`,
        go: `bucket.GetObjectDetailedMeta(${inGo(key)})`,
      }),
    },
    GetObjectMeta: {
      parameters: ['objectMeta'],
      calls: ({ key }) => ({
        node: `await client.getObjectMeta(${inJavaScript(key)})`,
        python: `bucket.get_object_meta(${inPython(key)})`,
        go: `bucket.GetObjectMeta(${inGo(key)})`,
      }),
    },
    DeleteObject: {
      calls: ({ key }) => ({
        node: `await client.delete(${inJavaScript(key)})`,
        python: `bucket.delete_object(${inPython(key)})`,
        go: `bucket.DeleteObject(${inGo(key)})`,
      }),
    },
    CopyObject: { headers: ['x-oss-copy-source'], calls: copyObject },
    GetObjectACL: {
      parameters: ['acl'],
      calls: ({ key }) => ({
        node: `await client.getACL(${inJavaScript(key)})`,
        python: `bucket.get_object_acl(${inPython(key)})`,
        go: `bucket.GetObjectACL(${inGo(key)})`,
      }),
    },
    PutObjectACL: {
      parameters: ['acl'],
      headers: ['x-oss-object-acl'],
      calls: ({ key, headers }) => {
        const names = [key, headers.get('x-oss-object-acl') ?? ''];
        return {
          node: `await client.putACL(${listOf(names, inJavaScript)})`,
          python: `bucket.put_object_acl(${listOf(names, inPython)})`,
          go: `bucket.SetObjectACL(${listOf(names, inGo)})`,
        };
      },
    },
    'GetBucket (ListObjects)': {
      parameters: LIST,
      calls: (request) => ({
        node: `await client.list(${objectOf(request, LIST)})`,
        python: `bucket.list_objects(${pythonArguments(request, LIST)})`,
        go: goList('bucket.ListObjects', request, LIST),
      }),
    },
    ListObjectsV2: {
      parameters: LIST_V2,
      calls: (request) => ({
        node: `await client.listV2(${objectOf(request, LIST_V2)})`,
        python: `bucket.list_objects_v2(${pythonArguments(request, LIST_V2)})`,
        go: goList('bucket.ListObjectsV2', request, LIST_V2),
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
        node: `await client.getBucketInfo(${inJavaScript(bucket)})`,
        python: 'bucket.get_bucket_info()',
        go: `client.GetBucketInfo(${inGo(bucket)})`,
      }),
    },
  } satisfies Record<string, Translation>),
);

function putChannel({ key, body }: KeptRequest): Calls | undefined {
  if (body.state !== 'kept') return undefined;
  const read = readConfiguration(body.text);
  // The calls have no place for a snapshot, or for a type that is none.
  if (read?.target?.type !== 'HLS' || read.snapshots.length > 0) return undefined;
  const { description = '', status = 'enabled', target } = read;
  const { fragDuration, fragCount, playlistName = '' } = target;
  if (!isNumeral(fragDuration) || !isNumeral(fragCount)) return undefined;
  return {
    node: `await client.putChannel(${inJavaScript(key)}, {
  Description: ${inJavaScript(description)}, Status: ${inJavaScript(status)},
  Target: { Type: "HLS", FragDuration: ${fragDuration}, FragCount: ${fragCount}, PlaylistName: ${inJavaScript(playlistName)} },
})`,
    python: `bucket.create_live_channel(${inPython(key)}, oss2.models.LiveChannelInfo(
    status=${inPython(status)}, description=${inPython(description)},
    target=oss2.models.LiveChannelInfoTarget(
        frag_duration=${fragDuration}, frag_count=${fragCount}, playlist_name=${inPython(playlistName)})))`,
    go: `bucket.CreateLiveChannel(${inGo(key)}, oss.LiveChannelConfiguration{
\tDescription: ${inGo(description)}, Status: ${inGo(status)},
\tTarget: oss.LiveChannelTarget{Type: "HLS", FragDuration: ${fragDuration}, FragCount: ${fragCount}, PlaylistName: ${inGo(playlistName)}},
})`,
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
  const names = [request.key.slice(0, slash), request.key.slice(slash + 1)];
  const { from, to } = period;
  return {
    node: `await client.createVod(${listOf(names, inJavaScript)}, { startTime: ${from}, endTime: ${to} })`,
    python: `bucket.post_vod_playlist(${listOf(names, inPython)}, start_time=${from}, end_time=${to})`,
    go: `bucket.PostVodPlaylist(${listOf(names, inGo)}, time.Unix(${from}, 0), time.Unix(${to}, 0))`,
  };
}

/** ali-oss has no such call. */
function getVodPlaylist(request: KeptRequest): Calls | undefined {
  const period = periodOf(request);
  if (!period) return undefined;
  const { from, to } = period;
  return {
    python: `bucket.get_vod_playlist(${inPython(request.key)}, start_time=${from}, end_time=${to})`,
    go: `bucket.GetVodPlaylist(${inGo(request.key)}, time.Unix(${from}, 0), time.Unix(${to}, 0))`,
  };
}

function periodOf(request: KeptRequest): { readonly from: string; readonly to: string } | undefined {
  const [from, to] = [parameterOf(request, 'startTime'), parameterOf(request, 'endTime')];
  return isNumeral(from) && isNumeral(to) ? { from, to } : undefined;
}

function copyObject({ key, headers }: KeptRequest): Calls | undefined {
  const [, bucket = '', encoded = ''] = /^\/([^/]+)\/([^?]+)$/.exec(headers.get('x-oss-copy-source') ?? '') ?? [];
  const source = decodeHttpPath(encoded);
  if (source === undefined || source === '') return undefined;
  return {
    node: `await client.copy(${listOf([key, source, bucket], inJavaScript)})`,
    python: `bucket.copy_object(${listOf([bucket, source, key], inPython)})`,
    // The Go SDK writes a blank as a plus, which is another key.
    go: source.includes(' ') ? undefined : `bucket.CopyObjectFrom(${listOf([bucket, source, key], inGo)})`,
  };
}

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
  const pairs = listed(request, names).map(
    ([name, value]) => `${inJavaScript(name)}: ${numberOrText(name, value, inJavaScript)}`,
  );
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

function pythonArguments(request: KeptRequest, names: readonly string[]): string {
  return listed(request, names)
    .map(([name, value]) => `${name.replaceAll('-', '_')}=${numberOrText(name, value, inPython)}`)
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

/** The call of a list in Go, where a number has no place for another text. */
function goList(call: string, request: KeptRequest, names: readonly string[]): string | undefined {
  const options = listed(request, names);
  if (options.some(([name, value]) => name === MAX_KEYS && !isNumeral(value))) return undefined;
  const written = options.map(([name, value]) => `oss.${GO_OPTIONS[name]}(${numberOrText(name, value, inGo)})`);
  return `${call}(${written.join(', ')})`;
}

type WriteLiteral = (text: string) => string;

function listOf(texts: readonly string[], write: WriteLiteral): string {
  return texts.map(write).join(', ');
}

function numberOrText(name: string, value: string, write: WriteLiteral): string {
  return name === MAX_KEYS && isNumeral(value) ? value : write(value);
}

/** Digits that are the same number in every language: a zero before others makes it octal, or none. */
function isNumeral(text = ''): boolean {
  return /^(?:0|[1-9]\d{0,14})$/.test(text);
}
