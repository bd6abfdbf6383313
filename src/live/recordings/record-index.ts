/**
 * CreateLiveStreamRecordIndexFiles: a manifest of the slices of a stream in a range of time. The checks are made in the
 * order of the steps below; each has one code. Source: the page of the operation and its table of errors.
 */
import { randomUUID } from 'node:crypto';
import { formatRpcTime, parseRpcTime } from '../../aliyun/auth/rpc-time.ts';
import { objectUrl, type UrlBase } from '../../aliyun/endpoint.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import { isBucketName } from '../../base/bucket-name.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { MAX_KEY_BYTES } from '../../base/object-key.ts';
import { type StreamSource, sourceId } from '../../base/push-source.ts';
import type { PlaylistStore } from '../../recording/playlist/playlist-store.ts';
import { VodPlaylist } from '../../recording/playlist/vod-playlist.ts';
import type { MetadataStore, TimelineTaker } from '../../storage/metadata/metadata-store.ts';
import type { FragmentEntry, PictureSize } from '../../storage/metadata/records.ts';
import { isStreamName } from '../streams/stream-name.ts';
import type { StreamService } from '../streams/streams.ts';
import type { IndexFile, IndexFiles } from './index-files.ts';
import { DEFAULT_SLICE_SEC, type RecordConfigs, sliceFormat } from './record-config.ts';
import type { Recordings } from './recordings.ts';
import { SliceUris } from './slice-uri.ts';
import { fillTemplate, valuesOf, variablesOf } from './template.ts';

const MAX_SPAN_MS = 4 * 24 * 3_600_000;
/** How far StartTime may lie back: three months, of 30 days each because the page does not say. */
const MAX_AGE_MS = 90 * 24 * 3_600_000;

/** The parameters as received; none is empty. */
export interface IndexRequest {
  readonly domain: string;
  /** `*` is permitted if only one recorded stream matches. */
  readonly app: string;
  readonly stream: string;
  readonly endpoint: string;
  readonly bucket: string;
  readonly object: string;
  readonly startTime: string;
  readonly endTime: string;
  readonly endTimeIncluded: boolean;
}

export interface RecordIndexDeps {
  readonly metadata: MetadataStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly playlists: PlaylistStore;
  readonly streams: StreamService;
  readonly recordings: Recordings;
  readonly configs: RecordConfigs;
  readonly files: IndexFiles;
  readonly maxSlices: number;
  readonly utcOffsetMs: number;
}

/** The meaning of a well-formed request. */
interface Selection {
  readonly sources: readonly StreamSource[];
  readonly app: string;
  readonly stream: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly endTimeIncluded: boolean;
}

/**
 * Writes the manifest and adds it to the list.
 * @throws RpcError with the code of the first check that fails
 */
export async function createRecordIndex(
  request: IndexRequest,
  urls: UrlBase,
  deps: RecordIndexDeps,
): Promise<IndexFile> {
  const selection = await readSelection(request, deps);
  checkPlace(request);
  const key = readKey(request.object, selection, deps.utcOffsetMs);
  if (!(await deps.metadata.getBucket(request.bucket))) {
    throw new RpcError('InvalidBucket.NotFound', { reason: `there is no bucket ${request.bucket}` });
  }
  const { bucket } = request;
  const slices = await selectSlices(
    selection,
    request,
    deps,
    () => new ListedSlices(new SliceUris(key, { bucket, urls })),
  );
  await deps.playlists.put(bucket, key, slices.playlist.end());
  const picture = await pictureOf(selection.sources, slices.first, deps.metadata);
  const file: IndexFile = {
    recordId: randomUUID(),
    recordUrl: objectUrl(urls, bucket, key),
    domain: request.domain,
    app: selection.app,
    stream: selection.stream,
    endpoint: request.endpoint,
    bucket,
    object: key,
    startTime: request.startTime,
    endTime: request.endTime,
    createdMs: deps.clock.now(),
    durationMs: slices.durationMs,
    widthPx: picture?.widthPx ?? 0,
    heightPx: picture?.heightPx ?? 0,
  };
  await deps.files.add(file);
  if (!key.endsWith('.m3u8')) deps.log.warn('record-index.name', { key, advice: 'players expect .m3u8' });
  return file;
}

/**
 * The streams and the range of time of a request.
 * @throws RpcError
 */
async function readSelection(request: IndexRequest, deps: RecordIndexDeps): Promise<Selection> {
  const { app, stream, domain } = request;
  const isWild = app === '*' || stream === '*';
  if (![app, stream].every((name) => name === '*' || isStreamName(name))) {
    throw new RpcError('InvalidParams', { reason: `no application is called ${app}, or no stream ${stream}` });
  }
  const published = await deps.streams.sources(domain, app, stream);
  const recorded = new Set((isWild ? await deps.recordings.sources() : []).map(sourceId));
  const sources = published.filter((source) => !isWild || recorded.has(sourceId(source)));
  const names = new Set(sources.map((source) => `${source.app}/${source.stream}`));
  if (names.size > 1) {
    throw new RpcError('InvalidParams', { reason: `${app}/${stream} fits several streams: ${[...names].join(', ')}` });
  }
  const range = await readRange(request, sources, deps);
  const [first] = sources;
  return { ...range, sources, app: first?.app ?? app, stream: first?.stream ?? stream };
}

async function readRange(
  { startTime, endTime, endTimeIncluded }: IndexRequest,
  [source]: readonly StreamSource[],
  { clock, configs }: RecordIndexDeps,
): Promise<Pick<Selection, 'startMs' | 'endMs' | 'endTimeIncluded'>> {
  const startMs = parseRpcTime(startTime);
  if (startMs === undefined) throw new RpcError('InvalidStartTime.Malformed', { reason: `"${startTime}"` });
  const endMs = parseRpcTime(endTime);
  if (endMs === undefined) throw new RpcError('InvalidEndTime.Malformed', { reason: `"${endTime}"` });
  const nowMs = clock.now();
  if (startMs > nowMs || startMs < nowMs - MAX_AGE_MS) {
    throw new RpcError('InvalidStartTime.Mismatch', {
      reason: `${startTime} is ${startMs > nowMs ? 'in the future' : 'more than 90 days ago'}; now is ${formatRpcTime(nowMs)}`,
    });
  }
  const config = source && (await configs.match(source));
  const sliceSec = (config && sliceFormat(config)?.sliceDurationSec) ?? DEFAULT_SLICE_SEC;
  const spanMs = endMs - startMs;
  if (spanMs <= 0 || spanMs > MAX_SPAN_MS || spanMs < sliceSec * 1000) {
    throw new RpcError('InvalidEndTime.Mismatch', {
      reason: `the range is ${spanMs / 1000} s long; it must be at least one slice (${sliceSec} s) and at most 4 days`,
    });
  }
  return { startMs, endMs, endTimeIncluded };
}

/**
 * Any host is accepted as the endpoint, because there is only this emulator.
 * @throws RpcError InvalidOssEndpoint.Malformed, InvalidOssBucket.Malformed
 */
function checkPlace({ endpoint, bucket }: IndexRequest): void {
  const host = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/i;
  if (!host.test(endpoint)) {
    throw new RpcError('InvalidOssEndpoint.Malformed', { reason: `"${endpoint}" is not host or host:port` });
  }
  if (!isBucketName(bucket))
    throw new RpcError('InvalidOssBucket.Malformed', { reason: `"${bucket}" names no bucket` });
}

/** @throws RpcError InvalidOssObject.Malformed */
function readKey(template: string, selection: Selection, utcOffsetMs: number): string {
  const isTemplate = variablesOf(template) !== undefined;
  const key = isTemplate ? fillTemplate(template, valuesOf({ ...selection, sequence: 0, utcOffsetMs })) : '';
  const reason = !isTemplate
    ? 'it has an unknown variable, or a brace without its partner'
    : Buffer.byteLength(key) > MAX_KEY_BYTES
      ? `it is longer than ${MAX_KEY_BYTES} bytes`
      : /^[/\\]/.test(key)
        ? `it starts with ${key[0]}`
        : undefined;
  if (reason === undefined) return key;
  throw new RpcError('InvalidOssObject.Malformed', { reason: `"${template}": ${reason}` });
}

/** A manifest of slices, and what is told about them. */
class ListedSlices implements TimelineTaker {
  readonly playlist: VodPlaylist<FragmentEntry>;
  first: FragmentEntry | undefined;
  /** The sum of whole milliseconds. */
  durationMs = 0;
  goneCount = 0;
  readonly #uris: SliceUris;

  constructor(uris: SliceUris) {
    this.#uris = uris;
    this.playlist = new VodPlaylist((text, { path }) => uris.write(text, path ?? ''));
  }

  get count(): number {
    return this.playlist.count;
  }

  get buckets(): readonly string[] {
    return this.#uris.buckets;
  }

  add(slices: readonly FragmentEntry[]): void {
    this.first ??= slices[0];
    this.playlist.add(slices);
    for (const { durationMs, isGone } of slices) {
      this.durationMs += Math.round(durationMs);
      if (isGone) this.goneCount += 1;
    }
  }
}

async function selectSlices(
  selection: Selection,
  request: IndexRequest,
  deps: RecordIndexDeps,
  begin: () => ListedSlices,
): Promise<ListedSlices> {
  const { sources, startMs, endMs } = selection;
  if (sources.length === 0) throw await unknownStream(request, deps);
  await refuseUnsliced(selection, deps);
  const ids = sources.map(sourceId);
  // Both limits are exclusive: "uploaded after this time", "uploaded before this time".
  const range = { sources: ids, by: 'upload', fromMs: startMs + 1, toMs: endMs - 1 } as const;
  const slices = await deps.metadata.timeline(range, begin);
  if (selection.endTimeIncluded) await addEnd(slices, selection, deps);
  const { buckets, count, goneCount } = slices;
  if (buckets.length > 1) {
    throw new RpcError('InvalidConfig.Changed', { reason: `the slices lie in the buckets ${buckets.join(', ')}` });
  }
  if (count === 0) throw await noContent(selection, deps);
  if (count > deps.maxSlices) {
    throw new RpcError('RecordContentExceed', { reason: `${count} slices; at most ${deps.maxSlices} are listed` });
  }
  if (goneCount > 0) deps.log.warn('record-index.gone', { slices: count, gone: goneCount });
  return slices;
}

/**
 * Adds the slice that covers the end, or else the next one, of whatever push, if it is stored already. Where nothing was
 * recorded until the end there is nothing to add to.
 */
async function addEnd(
  slices: ListedSlices,
  { sources, endMs }: Selection,
  { metadata }: RecordIndexDeps,
): Promise<void> {
  const next = await metadata.firstUploaded(sources.map(sourceId), endMs);
  if (next && (slices.count > 0 || next.startMs < endMs)) slices.add([next]);
}

/**
 * Refuses a range in which only configurations without m3u8 have recorded.
 * @throws RpcError
 */
async function refuseUnsliced({ sources, startMs, endMs }: Selection, { recordings }: RecordIndexDeps): Promise<void> {
  const all = await recordings.list(sources);
  const inRange = all.filter((recording) => recording.startedMs < endMs && (recording.endedMs ?? endMs) > startMs);
  if (inRange.length === 0 || inRange.some(({ config }) => sliceFormat(config))) return;
  const formats = inRange.flatMap(({ config }) => config.formats.map(({ format }) => format));
  throw new RpcError('OperationNotSupport', { reason: `only ${[...new Set(formats)].join(', ')} was recorded` });
}

async function unknownStream({ domain, app, stream }: IndexRequest, { streams }: RecordIndexDeps): Promise<RpcError> {
  const known = await streams.sources(domain, '*', '*');
  const names = known.map((source) => `${source.app}/${source.stream}`).slice(0, 20);
  return new RpcError('InvalidStream.NotFound', {
    reason: `${app}/${stream} was never published in ${domain}; there are: ${names.join(', ') || 'none'}`,
  });
}

async function noContent({ sources, startMs, endMs }: Selection, { metadata }: RecordIndexDeps): Promise<RpcError> {
  const everything = {
    sources: sources.map(sourceId),
    by: 'upload',
    fromMs: 0,
    toMs: Number.MAX_SAFE_INTEGER,
  } as const;
  const { first, last } = await metadata.timeline(everything, () => new Ends());
  const there = first && last ? `from ${formatRpcTime(first.startMs)} to ${formatRpcTime(last.startMs)}` : 'not at all';
  return new RpcError('NoRecordContent', {
    reason: `no slice was stored between ${formatRpcTime(startMs)} and ${formatRpcTime(endMs)}; the stream was recorded ${there}`,
  });
}

/** Of a timeline. */
class Ends implements TimelineTaker {
  first: FragmentEntry | undefined;
  last: FragmentEntry | undefined;

  add(fragments: readonly FragmentEntry[]): void {
    this.first ??= fragments[0];
    this.last = fragments.at(-1) ?? this.last;
  }
}

async function pictureOf(
  sources: readonly StreamSource[],
  first: FragmentEntry | undefined,
  metadata: MetadataStore,
): Promise<PictureSize | undefined> {
  if (!first) return undefined;
  const pictures = sources.map((source) => metadata.fragmentPicture(sourceId(source), first.startMs));
  return (await Promise.all(pictures)).find((picture) => picture !== undefined);
}
