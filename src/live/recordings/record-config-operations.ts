import { formatRpcTime } from '../../aliyun/auth/rpc-time.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import { paginate, RECORD_PAGES } from '../../rpc/paging.ts';
import {
  optionalChoice,
  optionalInteger,
  optionalText,
  optionalTime,
  type Parameters,
  readList,
  readObjects,
  requiredText,
} from '../../rpc/parameters.ts';
import type { RpcCall, RpcContent, RpcOperation } from '../../rpc/rpc-call.ts';
import type { StoredDocument } from '../../storage/metadata/stored-documents.ts';
import type { LiveServices } from '../services.ts';
import {
  DEFAULT_DELAY_SEC,
  DEFAULT_SLICE_SEC,
  ON_DEMAND,
  RECORD_FORMATS,
  type RecordConfig,
  type RecordFormat,
} from './record-config.ts';

export const RECORD_CONFIG_OPERATIONS: readonly RpcOperation<LiveServices>[] = [
  {
    name: 'AddLiveAppRecordConfig',
    required: ['DomainName', 'AppName', 'OssBucket', 'OssEndpoint'],
    run: addConfig,
  },
  { name: 'DescribeLiveRecordConfig', required: ['DomainName'], run: describeConfigs },
  { name: 'UpdateLiveAppRecordConfig', required: ['DomainName', 'AppName', 'OssEndpoint'], run: updateConfig },
  { name: 'DeleteLiveAppRecordConfig', required: ['DomainName', 'AppName'], run: deleteConfig },
];

async function addConfig({ parameters }: RpcCall, { domains, recordConfigs, log }: LiveServices): Promise<RpcContent> {
  const config: RecordConfig = {
    ...readTriple(parameters, domains),
    bucket: requiredText(parameters, 'OssBucket'),
    endpoint: requiredText(parameters, 'OssEndpoint'),
    ...readWindow(parameters),
    onDemand: optionalInteger(parameters, 'OnDemand') ?? ON_DEMAND.automatic,
    delayTimeSec: optionalInteger(parameters, 'DelayTime') ?? DEFAULT_DELAY_SEC,
    formats: readObjects(parameters, 'RecordFormat').map(readFormat),
    transcodeFormats: readObjects(parameters, 'TranscodeRecordFormat').map(readFormat),
    transcodeTemplates: readList(parameters, 'TranscodeTemplates'),
  };
  await recordConfigs.add(config);
  await domains.add(config.domain, { type: 'liveVideo', region: '' });
  warnOfLimits(config, log);
  return {};
}

/** Logs a warning about the parts of a configuration that are stored but have no effect. */
function warnOfLimits(
  { domain, app, stream, onDemand, formats, transcodeFormats }: RecordConfig,
  log: LiveServices['log'],
): void {
  const unmade = [...formats, ...transcodeFormats].filter(({ format }) => format !== 'm3u8');
  if (unmade.length > 0 || transcodeFormats.length > 0) {
    log.warn('record-config.formats', { domain, app, stream, advice: 'only RecordFormat m3u8 is produced' });
  }
  if (onDemand !== ON_DEMAND.automatic && onDemand !== ON_DEMAND.command) {
    log.warn('record-config.on-demand', { domain, app, stream, onDemand, advice: 'only 0 and 7 record' });
  }
}

async function describeConfigs({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const domain = services.domains.check(requiredText(parameters, 'DomainName'));
  const app = optionalText(parameters, 'AppName');
  const stream = optionalText(parameters, 'StreamName');
  const order = optionalChoice(parameters, 'Order', ['asc', 'desc']);
  const found = (await services.recordConfigs.list(domain)).filter(
    ({ body }) => (app === undefined || body.app === app) && (stream === undefined || body.stream === stream),
  );
  const { items, fields } = paginate(order === 'asc' ? found : found.toReversed(), parameters, RECORD_PAGES);
  return { ...fields, Order: order, LiveAppRecordList: { LiveAppRecord: items.map(describeConfig) } };
}

function describeConfig({ createdMs, body }: StoredDocument<RecordConfig>): RpcContent {
  const { domain, app, stream, bucket, endpoint, startMs, endMs, onDemand, delayTimeSec } = body;
  return {
    DomainName: domain,
    AppName: app,
    StreamName: stream === '*' ? undefined : stream,
    OssBucket: bucket,
    OssEndpoint: endpoint,
    CreateTime: formatRpcTime(createdMs),
    StartTime: startMs === null ? undefined : formatRpcTime(startMs),
    EndTime: endMs === null ? undefined : formatRpcTime(endMs),
    // The service and all SDKs have this misspelling.
    OnDemond: onDemand,
    DelayTime: delayTimeSec,
    RecordFormatList: { RecordFormat: body.formats.map(describeFormat) },
    TranscodeRecordFormatList: { RecordFormat: body.transcodeFormats.map(describeFormat) },
    TranscodeTemplates: { Templates: body.transcodeTemplates },
  };
}

function describeFormat({ format, objectPrefix, sliceObjectPrefix, ...durations }: RecordFormat): RpcContent {
  return {
    Format: format,
    OssObjectPrefix: objectPrefix,
    SliceOssObjectPrefix: sliceObjectPrefix || undefined,
    CycleDuration: durations.cycleDurationSec,
    SliceDuration: durations.sliceDurationSec,
  };
}

/** Changes only the durations of formats; a format that is not in the configuration is refused. */
async function updateConfig({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const { domain, app, stream } = readTriple(parameters, services.domains);
  const before = await services.recordConfigs.get(domain, app, stream);
  if (!before) throw new RpcError('InvalidParams', { reason: `${domain}/${app}/${stream} has no configuration` });
  const { body, createdMs } = before;
  const window = readWindow(parameters);
  const updated: RecordConfig = {
    ...body,
    endpoint: requiredText(parameters, 'OssEndpoint'),
    startMs: window.startMs ?? body.startMs,
    endMs: window.endMs ?? body.endMs,
    onDemand: optionalInteger(parameters, 'OnDemand') ?? body.onDemand,
    delayTimeSec: optionalInteger(parameters, 'DelayTime') ?? body.delayTimeSec,
    formats: updateFormats(body.formats, readObjects(parameters, 'RecordFormat')),
    transcodeFormats: updateFormats(body.transcodeFormats, readObjects(parameters, 'TranscodeRecordFormat')),
  };
  await services.recordConfigs.update(updated, createdMs);
  return {};
}

function updateFormats(formats: readonly RecordFormat[], changes: readonly Parameters[]): readonly RecordFormat[] {
  const byName = new Map(changes.map((change) => [requiredText(change, 'Format'), change]));
  const unknown = [...byName.keys()].find((name) => !formats.some(({ format }) => format === name));
  if (unknown !== undefined)
    throw new RpcError('InvalidParams', { reason: `the format ${unknown} was not configured` });
  return formats.map((format) => {
    const change = byName.get(format.format) ?? new Map();
    return {
      ...format,
      cycleDurationSec: readCycle(change) ?? format.cycleDurationSec,
      sliceDurationSec: optionalInteger(change, 'SliceDuration') ?? format.sliceDurationSec,
    };
  });
}

/** Succeeds also when there is no configuration. */
async function deleteConfig({ parameters }: RpcCall, { domains, recordConfigs }: LiveServices): Promise<RpcContent> {
  const { domain, app, stream } = readTriple(parameters, domains);
  await recordConfigs.delete(domain, app, stream);
  return {};
}

function readTriple(parameters: Parameters, domains: LiveServices['domains']) {
  return {
    domain: domains.check(requiredText(parameters, 'DomainName')),
    app: requiredText(parameters, 'AppName'),
    stream: optionalText(parameters, 'StreamName') ?? '*',
  };
}

function readWindow(parameters: Parameters): Pick<RecordConfig, 'startMs' | 'endMs'> {
  return {
    startMs: optionalTime(parameters, 'StartTime', 'InvalidStartTime.Malformed') ?? null,
    endMs: optionalTime(parameters, 'EndTime', 'InvalidEndTime.Malformed') ?? null,
  };
}

function readFormat(fields: Parameters): RecordFormat {
  const name = optionalText(fields, 'Format') ?? '';
  const format = RECORD_FORMATS.find((candidate) => candidate === name);
  if (!format) {
    throw new RpcError('InvalidFormat.Malformed', { reason: `"${name}" is none of ${RECORD_FORMATS.join(', ')}` });
  }
  return {
    format,
    objectPrefix: optionalText(fields, 'OssObjectPrefix') ?? '',
    sliceObjectPrefix: optionalText(fields, 'SliceOssObjectPrefix') ?? '',
    cycleDurationSec: readCycle(fields) ?? (format === 'm3u8' || format === 'cmaf' ? 21_600 : 3_600),
    sliceDurationSec: optionalInteger(fields, 'SliceDuration') ?? DEFAULT_SLICE_SEC,
  };
}

function readCycle(fields: Parameters): number | undefined {
  return optionalInteger(fields, 'CycleDuration', 'InvalidCycleDuration.Malformed');
}
