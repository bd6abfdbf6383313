import { formatRpcTime } from '../../aliyun/auth/rpc-time.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import { paginate, RECORD_PAGES } from '../../rpc/paging.ts';
import { optionalBoolean, optionalChoice, readList, requiredText } from '../../rpc/parameters.ts';
import type { RpcCall, RpcContent, RpcOperation } from '../../rpc/rpc-call.ts';
import type { LiveServices } from '../services.ts';
import { readPeriod, readStreamName } from '../streams/stream-parameters.ts';
import type { IndexFile } from './index-files.ts';
import { createRecordIndex } from './record-index.ts';

const STREAM = ['DomainName', 'AppName', 'StreamName'];
const PERIOD = ['StartTime', 'EndTime'];
const MAX_RECORD_IDS = 100;
const MAX_PERIOD_DAYS = 4;

export const RECORD_INDEX_OPERATIONS: readonly RpcOperation<LiveServices>[] = [
  {
    name: 'CreateLiveStreamRecordIndexFiles',
    required: [...STREAM, 'OssEndpoint', 'OssBucket', 'OssObject', ...PERIOD],
    run: createIndexFiles,
  },
  { name: 'DescribeLiveStreamRecordIndexFiles', required: [...STREAM, ...PERIOD], run: describeIndexFiles },
  { name: 'DescribeLiveStreamRecordIndexFile', required: [...STREAM, 'RecordId'], run: describeIndexFile },
  { name: 'DeleteLiveStreamRecordIndexFiles', required: [...STREAM, 'RecordId', 'RemoveFile'], run: deleteIndexFiles },
];

async function createIndexFiles({ parameters, urls }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const file = await createRecordIndex(
    {
      ...readStreamName(parameters, services),
      endpoint: requiredText(parameters, 'OssEndpoint'),
      bucket: requiredText(parameters, 'OssBucket'),
      object: requiredText(parameters, 'OssObject'),
      startTime: requiredText(parameters, 'StartTime'),
      endTime: requiredText(parameters, 'EndTime'),
      endTimeIncluded: optionalBoolean(parameters, 'EndTimeIncluded') ?? false,
    },
    urls,
    services.recordIndex,
  );
  return { RecordInfo: recordInfo(file) };
}

/** The index files that were created in the period. */
async function describeIndexFiles({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const { startMs, endMs } = readPeriod(parameters, MAX_PERIOD_DAYS);
  const order = optionalChoice(parameters, 'Order', ['asc', 'desc']);
  const all = await services.indexFiles.list(readStreamName(parameters, services));
  const found = all.filter(({ createdMs }) => createdMs >= startMs && createdMs <= endMs);
  const { items, fields } = paginate(order === 'asc' ? found : found.toReversed(), parameters, RECORD_PAGES);
  return { ...fields, Order: order, RecordIndexInfoList: { RecordIndexInfo: items.map(indexInfo) } };
}

async function describeIndexFile({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const recordId = requiredText(parameters, 'RecordId');
  const file = await services.indexFiles.get(readStreamName(parameters, services), recordId);
  if (file) return { RecordIndexInfo: indexInfo(file) };
  throw new RpcError('InvalidParams', { reason: `the stream has no record ${recordId}` });
}

/** Deletes index files from the list and, if requested, their m3u8 objects; never a slice. */
async function deleteIndexFiles({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const stream = readStreamName(parameters, services);
  const recordIds = readList(parameters, 'RecordId');
  const removeFile = optionalBoolean(parameters, 'RemoveFile') ?? false;
  if (recordIds.length > MAX_RECORD_IDS) {
    throw new RpcError('InvalidParams', { reason: `${recordIds.length} RecordIds; at most ${MAX_RECORD_IDS}` });
  }
  const outcomes: RpcContent[] = [];
  for (const recordId of recordIds) {
    const file = await services.indexFiles.get(stream, recordId);
    if (file && removeFile) await services.objects.delete(file.bucket, file.object);
    if (file) await services.indexFiles.delete(stream, recordId);
    outcomes.push({ RecordId: recordId, Message: file ? 'OK' : 'the record does not exist' });
  }
  return { Code: 'OK', Message: 'OK', RecordDeleteInfoList: { RecordDeleteInfo: outcomes } };
}

function indexInfo(file: IndexFile): RpcContent {
  return { ...recordInfo(file), Format: 'm3u8' };
}

/** The fields of RecordInfo. */
function recordInfo(file: IndexFile): RpcContent {
  return {
    RecordId: file.recordId,
    RecordUrl: file.recordUrl,
    DomainName: file.domain,
    AppName: file.app,
    StreamName: file.stream,
    OssEndpoint: file.endpoint,
    OssBucket: file.bucket,
    OssObject: file.object,
    StartTime: file.startTime,
    EndTime: file.endTime,
    CreateTime: formatRpcTime(file.createdMs),
    Duration: file.durationMs / 1000,
    Width: file.widthPx,
    Height: file.heightPx,
  };
}
