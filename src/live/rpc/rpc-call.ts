import type { UrlBase } from '../../aliyun/endpoint.ts';
import type { LiveServices } from '../services.ts';
import type { Parameters } from './parameters.ts';

/**
 * The content of an answer. Undefined fields are left out; an array is an array in JSON and a repeated element in XML.
 */
export interface RpcContent {
  readonly [name: string]: RpcValue | undefined;
}
export type RpcValue = string | number | boolean | readonly RpcValue[] | RpcContent;

/** One call after its checks. */
export interface RpcCall {
  readonly parameters: Parameters;
  /** Undefined when the signature was not checked. */
  readonly accessKeyId: string | undefined;
  /** The base of the URLs in the answer. */
  readonly urls: UrlBase;
}

export interface RpcOperation {
  /** The name in the API reference. */
  readonly name: string;
  /** Parameters that must be present and not empty, in the order in which they are checked. */
  readonly required: readonly string[];
  /** Refusals are rejections with an RpcError. */
  run(call: RpcCall, services: LiveServices): Promise<RpcContent>;
}
