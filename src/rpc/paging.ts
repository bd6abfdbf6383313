import { optionalInteger, type Parameters } from './parameters.ts';

export interface PageLimits {
  readonly min: number;
  readonly max: number;
  readonly otherwise: number;
}

/** For operations of recordings. */
export const RECORD_PAGES: PageLimits = { min: 5, max: 30, otherwise: 10 };
/** For lists of streams. */
export const STREAM_PAGES: PageLimits = { min: 1, max: 3000, otherwise: 2000 };

export interface Paged<Item> {
  readonly items: readonly Item[];
  /** Named as in the answer. */
  readonly fields: {
    readonly PageNum: number;
    readonly PageSize: number;
    readonly TotalNum: number;
    readonly TotalPage: number;
  };
}

/**
 * The requested page. A number out of range is moved into the range, because the answer of the service is not
 * published.
 * @throws RpcError InvalidParams when a number is no integer
 */
export function paginate<Item>(
  all: readonly Item[],
  parameters: Parameters,
  { min, max, otherwise }: PageLimits,
  numberName: 'PageNum' | 'PageNumber' = 'PageNum',
): Paged<Item> {
  const PageNum = Math.max(1, optionalInteger(parameters, numberName) ?? 1);
  const PageSize = Math.min(max, Math.max(min, optionalInteger(parameters, 'PageSize') ?? otherwise));
  const TotalNum = all.length;
  const items = all.slice((PageNum - 1) * PageSize, PageNum * PageSize);
  return { items, fields: { PageNum, PageSize, TotalNum, TotalPage: Math.ceil(TotalNum / PageSize) } };
}
