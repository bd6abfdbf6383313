import { DEFAULT_RESOURCE_GROUP, listAllMyBucketsResult } from '../../../aliyun/xml/bucket-documents.ts';
import { parseJsonObject } from '../../../base/encoded-json.ts';
import { invalidArgument } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import type { BucketQuery, Page } from '../../../storage/metadata/metadata-store.ts';
import type { Bucket } from '../../../storage/metadata/records.ts';
import { configurationOf } from '../../bucket/bucket-configurations.ts';
import type { Tag } from '../../tagging/tag-rules.ts';
import { given, integerParameter } from '../query.ts';
import { accountOfCaller, type Call, ownerOf, type Services, xmlAnswer } from '../rest-call.ts';
import { placeOf } from './bucket.ts';

/** How many buckets are looked at in one step when they are filtered. */
const FILTERED_PAGE = 1000;

const NO_BUCKETS: Page<Bucket> = { items: [], truncated: false };

/** Any tag that has this key or this value. */
type TagFilter = Partial<Tag>;

/**
 * ListBuckets: those of the caller's account. As at the service, the elements of paging are present only when they are
 * requested or needed, and tags only when they are filtered.
 */
export async function getService(call: Call, services: Services): Promise<Answer> {
  const { query } = call;
  const prefix = readPrefix(query);
  const marker = query.get('marker') ?? '';
  const maxKeys = integerParameter(query, 'max-keys', { min: 1, max: 1000, otherwise: 100, ec: '0017-00000289' });
  const filters = readTagFilters(query);
  const resourceGroupId = call.headers.get('x-oss-resource-group-id') || undefined;
  const isForeignGroup = resourceGroupId !== undefined && resourceGroupId !== DEFAULT_RESOURCE_GROUP;
  const owner = accountOfCaller(call);
  const { items, truncated } = isForeignGroup
    ? NO_BUCKETS
    : await findBuckets({ prefix, marker, limit: maxKeys, owner }, filters, services);
  const nextMarker = truncated ? (items.at(-1)?.name ?? '') : '';
  const isPaged = truncated || ['prefix', 'marker', 'max-keys'].some((name) => query.has(name));
  return xmlAnswer(
    listAllMyBucketsResult({
      owner: ownerOf({ owner }),
      place: placeOf(call, services),
      buckets: filters.length === 0 ? items : items.map((bucket) => ({ ...bucket, tags: tagsOf(bucket) })),
      resourceGroupId,
      ...(isPaged && { page: { prefix, marker, maxKeys, nextMarker } }),
    }),
  );
}

async function findBuckets(
  query: BucketQuery,
  filters: readonly TagFilter[],
  { metadata }: Services,
): Promise<Page<Bucket>> {
  if (filters.length === 0) return metadata.listBuckets(query);
  const found: Bucket[] = [];
  let { marker } = query;
  for (let truncated = true; truncated && found.length <= query.limit; ) {
    const page = await metadata.listBuckets({ ...query, marker, limit: FILTERED_PAGE });
    found.push(...page.items.filter((bucket) => matchesAll(tagsOf(bucket), filters)));
    marker = page.items.at(-1)?.name ?? marker;
    ({ truncated } = page);
  }
  return { items: found.slice(0, query.limit), truncated: found.length > query.limit };
}

function tagsOf(bucket: Bucket): readonly Tag[] {
  return configurationOf(bucket, 'tagging')?.tags ?? [];
}

function matchesAll(tags: readonly Tag[], filters: readonly TagFilter[]): boolean {
  return filters.every((filter) =>
    tags.some(({ key, value }) => key === (filter.key ?? key) && value === (filter.value ?? value)),
  );
}

/** @throws OssError InvalidArgument when no name of a bucket can begin so (test of the Go SDK) */
function readPrefix(query: Call['query']): string {
  const prefix = query.get('prefix') ?? '';
  if (/^([a-z0-9][a-z0-9-]{0,62})?$/.test(prefix)) return prefix;
  throw invalidArgument('prefix', prefix, 'No bucket name can begin with this prefix.');
}

/**
 * `tag-key` and `tag-value`, of one tag, and `tagging` with pairs (`"k1":"v1","k2":"v2"`). A bucket must match all.
 * @throws OssError InvalidArgument
 */
function readTagFilters(query: Call['query']): readonly TagFilter[] {
  const single = { ...given('key', query.get('tag-key')), ...given('value', query.get('tag-value')) };
  const pairs = readPairs(query.get('tagging') ?? '');
  return Object.keys(single).length === 0 ? pairs : [single, ...pairs];
}

function readPairs(text: string): readonly Tag[] {
  const pairs = parsePairs(text);
  if (pairs) return pairs;
  throw invalidArgument('tagging', text, 'The parameter tagging must have the form "k1":"v1","k2":"v2".');
}

function parsePairs(text: string): readonly Tag[] | undefined {
  const pairs = parseJsonObject(`{${text}}`);
  if (!pairs) return undefined;
  const tags = [...pairs].flatMap(([key, value]) => (typeof value === 'string' ? [{ key, value }] : []));
  return tags.length === pairs.size ? tags : undefined;
}
