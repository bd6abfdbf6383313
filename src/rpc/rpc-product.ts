import type { RpcCall, RpcContent, RpcOperation } from './rpc-call.ts';

/** A product of Alibaba Cloud behind the RPC front. Clients name it by its version only. */
export interface RpcProduct {
  readonly name: 'live' | 'sts';
  readonly version: string;
  readonly operations: ReadonlyMap<string, ProductOperation>;
}

/** An operation with what it works with. */
export interface ProductOperation {
  readonly name: string;
  readonly required: readonly string[];
  run(call: RpcCall): Promise<RpcContent>;
}

export function createRpcProduct<Services>(
  { name, version }: Pick<RpcProduct, 'name' | 'version'>,
  operations: readonly RpcOperation<Services>[],
  services: Services,
): RpcProduct {
  const bound = operations.map((operation): [string, ProductOperation] => [
    operation.name,
    { name: operation.name, required: operation.required, run: (call) => operation.run(call, services) },
  ]);
  return { name, version, operations: new Map(bound) };
}
