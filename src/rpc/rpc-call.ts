import type { AccessKey } from '../aliyun/auth/signed-request.ts';
import type { UrlBase } from '../aliyun/endpoint.ts';
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
  /** The key that signed the call; undefined when the signature was not checked. */
  readonly caller: AccessKey | undefined;
  /** The base of the URLs in the answer. */
  readonly urls: UrlBase;
}

/** An operation; `Services` is what the operations of its product work with. */
export interface RpcOperation<Services> {
  /** The name in the API reference. */
  readonly name: string;
  /** Parameters that must be present and not empty, in the order in which they are checked. */
  readonly required: readonly string[];
  /** Refusals are rejections with an RpcError. */
  run(call: RpcCall, services: Services): Promise<RpcContent>;
}
