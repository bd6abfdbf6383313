import { listAllMyBucketsResult } from '../../../aliyun/xml/bucket-documents.ts';
import type { Answer } from '../../../http/answer.ts';
import { integerParameter } from '../query.ts';
import { accountOfCaller, type Call, ownerOf, type Services, xmlAnswer } from '../rest-call.ts';
import { placeOf } from './bucket.ts';

/** ListBuckets: those of the caller's account. As at the service, the elements of paging are present only when they are requested or needed. */
export async function getService(call: Call, services: Services): Promise<Answer> {
  const { query } = call;
  const prefix = query.get('prefix') ?? '';
  const marker = query.get('marker') ?? '';
  const maxKeys = integerParameter(query, 'max-keys', { min: 1, max: 1000, otherwise: 100, ec: '0017-00000289' });
  const owner = accountOfCaller(call);
  const { items, truncated } = await services.metadata.listBuckets({ prefix, marker, limit: maxKeys, owner });
  const nextMarker = truncated ? (items.at(-1)?.name ?? '') : '';
  const isPaged = truncated || ['prefix', 'marker', 'max-keys'].some((name) => query.has(name));
  return xmlAnswer(
    listAllMyBucketsResult({
      owner: ownerOf({ owner }),
      place: placeOf(call, services),
      buckets: items,
      ...(isPaged && { page: { prefix, marker, maxKeys, nextMarker } }),
    }),
  );
}
