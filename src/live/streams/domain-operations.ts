import { formatRpcTime } from '../../aliyun/auth/rpc-time.ts';
import { paginate } from '../../rpc/paging.ts';
import { optionalChoice, optionalText, requiredText } from '../../rpc/parameters.ts';
import type { RpcCall, RpcContent, RpcOperation } from '../../rpc/rpc-call.ts';
import type { LiveServices } from '../services.ts';
import type { NamedDomain } from './domains.ts';

const DOMAIN_PAGES = { min: 1, max: 50, otherwise: 20 };

export const DOMAIN_OPERATIONS: readonly RpcOperation<LiveServices>[] = [
  { name: 'AddLiveDomain', required: ['DomainName', 'LiveDomainType', 'Region'], run: addDomain },
  { name: 'AddLiveDomainMapping', required: ['PullDomain', 'PushDomain'], run: addMapping },
  { name: 'DescribeLiveDomainMapping', required: ['DomainName'], run: describeMapping },
  { name: 'DescribeLiveUserDomains', required: [], run: describeDomains },
  { name: 'DescribeLiveDomainDetail', required: ['DomainName'], run: describeDomain },
];

async function addDomain({ parameters }: RpcCall, { domains }: LiveServices): Promise<RpcContent> {
  const type = optionalChoice(parameters, 'LiveDomainType', ['liveVideo', 'liveEdge']);
  await domains.add(requiredText(parameters, 'DomainName').toLowerCase(), {
    type,
    region: requiredText(parameters, 'Region'),
  });
  return {};
}

async function addMapping({ parameters }: RpcCall, { domains }: LiveServices): Promise<RpcContent> {
  const pull = domains.check(requiredText(parameters, 'PullDomain'));
  const push = domains.check(requiredText(parameters, 'PushDomain'));
  await domains.map({ pull, push });
  return {};
}

async function describeMapping({ parameters }: RpcCall, { domains }: LiveServices): Promise<RpcContent> {
  const domain = domains.check(requiredText(parameters, 'DomainName'));
  const models = domains.mappingsOf(domain).map(({ pull, push }) => {
    return domain === pull ? { DomainName: push, Type: 'publish' } : { DomainName: pull, Type: 'vhost' };
  });
  return { LiveDomainModels: { LiveDomainModel: models } };
}

async function describeDomains({ parameters }: RpcCall, { domains }: LiveServices): Promise<RpcContent> {
  const name = optionalText(parameters, 'DomainName')?.toLowerCase() ?? '';
  const found = domains.list().filter((domain) => domain.name.includes(name));
  const { items, fields } = paginate(found, parameters, DOMAIN_PAGES, 'PageNumber');
  return {
    PageNumber: fields.PageNum,
    PageSize: fields.PageSize,
    TotalCount: fields.TotalNum,
    Domains: { PageData: items.map(domainFields) },
  };
}

async function describeDomain({ parameters }: RpcCall, { domains }: LiveServices): Promise<RpcContent> {
  const name = domains.check(requiredText(parameters, 'DomainName'));
  const known = domains.list().find((domain) => domain.name === name);
  const detail = known ?? { name, type: 'liveVideo', region: '', createdMs: 0 };
  return { DomainDetail: domainFields(detail) };
}

function domainFields({ name, type, region, createdMs }: NamedDomain): RpcContent {
  return {
    DomainName: name,
    // At the service the target of a CNAME record; the emulator needs none.
    Cname: '',
    LiveDomainType: type,
    LiveDomainStatus: 'online',
    RegionName: region,
    GmtCreated: formatRpcTime(createdMs),
    GmtModified: formatRpcTime(createdMs),
  };
}
