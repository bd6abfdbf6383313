import { formatRpcTime } from '../../aliyun/auth/rpc-time.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import type { StreamSource } from '../../base/push-source.ts';
import { recordedTimeMs } from '../../recording/fragments/recorded-time.ts';
import { optionalChoice } from '../../rpc/parameters.ts';
import type { RpcCall, RpcContent, RpcOperation } from '../../rpc/rpc-call.ts';
import type { FragmentEntry } from '../../storage/metadata/records.ts';
import type { LiveServices } from '../services.ts';
import { readPeriod, readStreamName } from '../streams/stream-parameters.ts';
import { sliceFormat } from './record-config.ts';
import type { Recording } from './recording.ts';
import type { RecordingState } from './recordings.ts';
import { fillTemplate } from './template.ts';

/** In which states of a recording a command is permitted. */
const PERMITTED: Readonly<Record<'stop' | 'cancel_delay' | 'restart', readonly RecordingState[]>> = {
  stop: ['recording'],
  cancel_delay: ['stopped'],
  restart: ['recording', 'stopped'],
};

const STREAM = ['DomainName', 'AppName', 'StreamName'];

export const RECORDING_OPERATIONS: readonly RpcOperation<LiveServices>[] = [
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
  // The pushes of a stream are forgotten before its recordings.
  const sources = (await services.recordings.sources()).filter(
    (source) => source.app === app && source.stream === stream && services.domains.reaches(domain, source.domain),
  );
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

/** @throws RpcError ServiceUnavailable when another node has the push, where the recording is made */
async function refuseElsewhere({ domain, app, stream }: StreamSource, { streams }: LiveServices): Promise<void> {
  const online = await streams.onlineAnywhere(domain);
  const node = online.find(({ push }) => push.source.app === app && push.source.stream === stream)?.node;
  if (node === undefined) return;
  throw new RpcError('ServiceUnavailable', {
    message: `${app}/${stream} is pushed to the node ${node}: send the command there.`,
  });
}

/**
 * Starts and stops the recording of a stream that has a configuration, whatever that says about the start. Source: the
 * page of the operation, and its table of errors of 2018.
 * @throws RpcError InvalidConfig.NotFound without a configuration, InvalidStream.NotFound when the stream is not live,
 *   TaskAlreadyStarted, InvalidParams for a command that the recording does not permit in its state
 */
async function command({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const wish = optionalChoice(parameters, 'Command', ['start', 'stop', 'cancel_delay', 'restart']);
  const source: StreamSource = { kind: 'stream', ...readStreamName(parameters, services) };
  const { domain, app, stream } = source;
  const { recordings, recordConfigs, streams } = services;
  const publishing = streams
    .online(domain)
    .find(({ push }) => push.source.app === app && push.source.stream === stream);
  const config = await recordConfigs.match(publishing?.push.source ?? source);
  if (!config) throw new RpcError('InvalidConfig.NotFound', { reason: `${app}/${stream} has no configuration` });
  if (!publishing) {
    await refuseElsewhere(source, services);
    const interrupted = (await streams.sources(domain, app, stream)).find((known) => recordings.isWaiting(known));
    if (wish === 'cancel_delay' && interrupted) {
      await recordings.cancelDelay(interrupted);
      return {};
    }
    throw new RpcError('InvalidStream.NotFound', { status: 404, reason: `${app}/${stream} is not live` });
  }
  const state = recordings.stateOf(publishing);
  if (wish === 'start' && state === 'recording') {
    throw new RpcError('TaskAlreadyStarted', { reason: `${app}/${stream} is being recorded` });
  }
  if (wish !== 'start' && !PERMITTED[wish].includes(state)) {
    throw new RpcError('InvalidParams', { reason: `${wish}: the recording of ${app}/${stream} is ${state}` });
  }
  if (wish === 'stop' || wish === 'restart') await recordings.stop(publishing);
  if (wish === 'cancel_delay' || wish === 'restart') await recordings.cancelDelay(publishing.push.source);
  if (wish === 'start' || wish === 'restart') await recordings.start(publishing, config);
  return {};
}
