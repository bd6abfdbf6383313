import { formatRpcTime } from '../../aliyun/auth/rpc-time.ts';
import { RpcError } from '../../aliyun/rpc-error.ts';
import { paginate, STREAM_PAGES } from '../../rpc/paging.ts';
import { optionalBoolean, optionalChoice, optionalText, type Parameters, requiredText } from '../../rpc/parameters.ts';
import type { RpcCall, RpcContent, RpcOperation } from '../../rpc/rpc-call.ts';
import type { LiveServices } from '../services.ts';
import { readPeriod } from '../streams/stream-parameters.ts';

export const NOTIFY_OPERATIONS: readonly RpcOperation<LiveServices>[] = [
  { name: 'SetLiveStreamsNotifyUrlConfig', required: ['DomainName'], run: setStreamNotify },
  { name: 'DescribeLiveStreamsNotifyUrlConfig', required: ['DomainName'], run: describeStreamNotify },
  { name: 'DeleteLiveStreamsNotifyUrlConfig', required: ['DomainName'], run: deleteStreamNotify },
  {
    name: 'DescribeLiveStreamsNotifyRecords',
    required: ['DomainName', 'StartTime', 'EndTime'],
    run: describeNotifyRecords,
  },
  { name: 'AddLiveRecordNotifyConfig', required: ['DomainName', 'NotifyUrl'], run: addRecordNotify },
  { name: 'UpdateLiveRecordNotifyConfig', required: ['DomainName', 'NotifyUrl'], run: updateRecordNotify },
  { name: 'DescribeLiveRecordNotifyConfig', required: ['DomainName'], run: describeRecordNotify },
  { name: 'DeleteLiveRecordNotifyConfig', required: ['DomainName'], run: deleteRecordNotify },
];

/** The name of the only configuration of a kind that a domain has. */
const ONLY = '';

async function setStreamNotify({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const scope = readDomain(parameters, services);
  const notifyReqAuth = optionalChoice(parameters, 'NotifyReqAuth', ['no', 'yes']) === 'yes';
  const body = {
    notifyUrl: readUrl(parameters, 'NotifyUrl'),
    exceptionNotifyUrl: readUrl(parameters, 'ExceptionNotifyUrl'),
    notifyReqAuth,
    notifyAuthKey: readAuthKey(parameters, notifyReqAuth),
  };
  const createdMs = services.clock.now();
  await services.notifications.streamConfigs.put({ scope, name: ONLY, createdMs, body });
  return {};
}

async function describeStreamNotify({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const domain = readDomain(parameters, services);
  const config = (await services.notifications.streamConfigs.get(domain, ONLY))?.body;
  return {
    LiveStreamsNotifyConfig: {
      DomainName: domain,
      NotifyUrl: config?.notifyUrl ?? '',
      ExceptionNotifyUrl: config?.exceptionNotifyUrl ?? '',
      NotifyReqAuth: config?.notifyReqAuth ? 'yes' : 'no',
      NotifyAuthKey: config?.notifyAuthKey ?? '',
    },
  };
}

async function deleteStreamNotify({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  await services.notifications.streamConfigs.delete(readDomain(parameters, services), ONLY);
  return {};
}

async function describeNotifyRecords({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const domain = readDomain(parameters, services);
  const { startMs, endMs } = readPeriod(parameters);
  const app = optionalText(parameters, 'AppName');
  const stream = optionalText(parameters, 'StreamName');
  const found = services.outbox.results.flatMap((result) => {
    const { subject, endedMs } = result;
    const isMeant =
      'domain' in subject &&
      subject.domain === domain &&
      (app === undefined || subject.app === app) &&
      (stream === undefined || subject.stream === stream) &&
      endedMs >= startMs &&
      endedMs <= endMs;
    return isMeant ? [{ ...result, subject }] : [];
  });
  const { items, fields } = paginate(found, parameters, STREAM_PAGES, 'PageNumber');
  const records = items.map((result) => ({
    DomainName: result.subject.domain,
    AppName: result.subject.app,
    StreamName: result.subject.stream,
    NotifyUrl: result.url,
    NotifyType: result.action,
    NotifyTime: formatRpcTime(result.endedMs),
    NotifyResult: result.delivered ? 'success' : 'failed',
    NotifyContent: result.body ?? new URL(result.url).search.slice(1),
    NotifyResponse: result.response,
    NotifyHeader: JSON.stringify(result.headers),
    Description: `${result.attempts} attempts`,
  }));
  return { ...fields, NotifyRecordsInfo: { LiveStreamNotifyRecordsInfo: records } };
}

async function addRecordNotify(call: RpcCall, services: LiveServices): Promise<RpcContent> {
  const domain = readDomain(call.parameters, services);
  if (await services.notifications.recordConfigs.get(domain, ONLY)) {
    throw new RpcError('ConfigAlreadyExists', { reason: `${domain} has a record callback` });
  }
  return updateRecordNotify(call, services);
}

async function updateRecordNotify({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const scope = readDomain(parameters, services);
  const notifyReqAuth = optionalBoolean(parameters, 'NotifyReqAuth') ?? false;
  const body = {
    notifyUrl: readUrl(parameters, 'NotifyUrl'),
    needStatusNotify: optionalBoolean(parameters, 'NeedStatusNotify') ?? false,
    onDemandUrl: optionalText(parameters, 'OnDemandUrl') ?? '',
    notifyReqAuth,
    notifyAuthKey: readAuthKey(parameters, notifyReqAuth),
  };
  const createdMs = services.clock.now();
  await services.notifications.recordConfigs.put({ scope, name: ONLY, createdMs, body });
  return {};
}

async function describeRecordNotify({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  const domain = readDomain(parameters, services);
  const config = (await services.notifications.recordConfigs.get(domain, ONLY))?.body;
  return {
    LiveRecordNotifyConfig: {
      DomainName: domain,
      NotifyUrl: config?.notifyUrl ?? '',
      NeedStatusNotify: config?.needStatusNotify ?? false,
      OnDemandUrl: config?.onDemandUrl ?? '',
      NotifyReqAuth: config?.notifyReqAuth ?? false,
      NotifyAuthKey: config?.notifyAuthKey ?? '',
    },
  };
}

async function deleteRecordNotify({ parameters }: RpcCall, services: LiveServices): Promise<RpcContent> {
  await services.notifications.recordConfigs.delete(readDomain(parameters, services), ONLY);
  return {};
}

/** @throws RpcError MissingDomainName, InvalidDomain.NotFound */
function readDomain(parameters: Parameters, { domains }: LiveServices): string {
  return domains.check(requiredText(parameters, 'DomainName'));
}

/**
 * Empty when absent, which turns the callback off.
 * @throws RpcError InvalidNotifyUrl.Malformed
 */
function readUrl(parameters: Parameters, name: string): string {
  const text = optionalText(parameters, name) ?? '';
  const isHttp = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (text === '' || isHttp) return text;
  throw new RpcError('InvalidNotifyUrl.Malformed', { reason: `${name} "${text}" is no http or https URL` });
}

/** @throws RpcError InvalidParams */
function readAuthKey(parameters: Parameters, isNeeded: boolean): string {
  const key = optionalText(parameters, 'NotifyAuthKey') ?? '';
  if (/^[A-Za-z0-9]{16,64}$/.test(key) || (key === '' && !isNeeded)) return key;
  throw new RpcError('InvalidParams', { reason: 'NotifyAuthKey must be 16 to 64 letters and digits' });
}
