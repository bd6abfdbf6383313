import { formatRpcTime } from '../../aliyun/auth/rpc-time.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import { recordedTimeMs } from '../../recording/fragments/recorded-time.ts';
import type { FragmentEntry } from '../../storage/metadata/metadata-store.ts';
import { optionalChoice } from '../rpc/parameters.ts';
import type { RpcCall, RpcContent, RpcOperation } from '../rpc/rpc-call.ts';
import type { LiveServices } from '../services.ts';
import { readPeriod, readStreamName } from '../streams/stream-parameters.ts';
import { ON_DEMAND, sliceFormat } from './record-config.ts';
import type { Recording } from './recording.ts';
import { fillTemplate } from './template.ts';

const STREAM = ['DomainName', 'AppName', 'StreamName'];

export const RECORDING_OPERATIONS: readonly RpcOperation[] = [
  {
    name: 'DescribeLiveStreamRecordContent',
    required: [...STREAM, 'StartTime', 'EndTime'],
    run: describeContent,
  },
  { name: 'RealTimeRecordCommand', required: [...STREAM, 'Command'], run: command },
];

/** One entry per push and recording, limited to the period. */
async function describeContent({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const { domain, app, stream } = readStreamName(parameters, services);
  const { startMs, endMs } = readPeriod(parameters, 4);
  const sources = await services.streams.sources(domain, app, stream);
  const entries: RpcContent[] = [];
  for (const recording of await services.recordings.list(sources)) {
    const slices = await services.recordings.slices(recording);
    const inPeriod = slices.filter((slice) => slice.startMs >= startMs && slice.startMs < endMs);
    for (const id of new Set(inPeriod.map(({ sessionId }) => sessionId))) {
      const ofPush = inPeriod.filter(({ sessionId }) => sessionId === id);
      entries.push(contentInfo(recording, ofPush));
    }
  }
  return { RecordContentInfoList: { RecordContentInfo: entries } };
}

function contentInfo({ source, config }: Recording, slices: readonly FragmentEntry[]): RpcContent {
  const startMs = slices[0]?.startMs ?? 0;
  const template = sliceFormat(config)?.sliceObjectPrefix ?? '';
  return {
    OssEndpoint: config.endpoint,
    OssBucket: config.bucket,
    OssObjectPrefix: fillTemplate(template, { AppName: source.app, StreamName: source.stream }),
    StartTime: formatRpcTime(startMs),
    EndTime: formatRpcTime(startMs + recordedTimeMs(slices)),
    Duration: slices.reduce((sum, { durationMs }) => sum + Math.round(durationMs), 0) / 1000,
  };
}

/**
 * Starts and stops recordings of streams whose configuration records on command only.
 * @throws RpcError
 */
async function command({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const { domain, app, stream } = readStreamName(parameters, services);
  const wish = optionalChoice(parameters, 'Command', ['start', 'stop', 'cancel_delay', 'restart']);
  const { recordings, recordConfigs, streams } = services;
  const publishing = streams
    .online(domain)
    .find(({ push: { source } }) => source.app === app && source.stream === stream);
  const sources = publishing ? [publishing.push.source] : await streams.sources(domain, app, stream);
  for (const source of sources) {
    const config = await recordConfigs.match(source);
    if (config?.onDemand !== ON_DEMAND.command) {
      throw new RpcError('InvalidParams', { reason: `${app}/${stream} has no configuration with OnDemand 7` });
    }
    if (publishing && (wish === 'stop' || wish === 'restart')) await recordings.stop(publishing);
    if (wish === 'cancel_delay' || wish === 'restart') await recordings.cancelDelay(source);
    if (publishing && (wish === 'start' || wish === 'restart')) await recordings.start(publishing, config);
  }
  if (!publishing && wish !== 'cancel_delay') {
    throw new RpcError('InvalidStream.NotFound', { reason: `${app}/${stream} is not live` });
  }
  return {};
}
