import type { UrlBase } from '../../aliyun/endpoint.ts';
import type { LiveServices } from '../services.ts';
import type { Parameters } from './parameters.ts';

/** What an answer holds. Fields that are undefined are left out; an array is an array in JSON, a repeated element in XML. */
export interface RpcContent {
  readonly [name: string]: RpcValue | undefined;
}
export type RpcValue = string | number | boolean | readonly RpcValue[] | RpcContent;

/** One call that was understood and authenticated. */
export interface RpcCall {
  readonly parameters: Parameters;
  /** Who calls; undefined when nobody was asked. */
  readonly accessKeyId: string | undefined;
  /** Where the URLs of the answer lead. */
  readonly urls: UrlBase;
}

export interface RpcOperation {
  /** As the API reference calls it. */
  readonly name: string;
  /** Parameters that must be there and not be empty, in the order in which they are missed. */
  readonly required: readonly string[];
  run(call: RpcCall, services: LiveServices): Promise<RpcContent>;
}
