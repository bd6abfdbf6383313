import { RpcError } from '../aliyun/rpc-error.ts';
import { hasParameter, type Parameters } from './parameters.ts';
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
  /** Rejects with an RpcError when it refuses the call. */
  run(call: RpcCall): Promise<RpcContent>;
}

export function createRpcProduct<Services>(
  { name, version }: Pick<RpcProduct, 'name' | 'version'>,
  operations: readonly RpcOperation<Services>[],
  services: Services,
): RpcProduct {
  const bound = operations.map((operation): [string, ProductOperation] => [
    operation.name,
    {
      name: operation.name,
      async run(call) {
        checkRequired(operation, call.parameters);
        return operation.run(call, services);
      },
    },
  ]);
  return { name, version, operations: new Map(bound) };
}

function checkRequired(
  { name, required }: { readonly name: string; readonly required: readonly string[] },
  parameters: Parameters,
): void {
  const missing = required.find((parameter) => !hasParameter(parameters, parameter));
  if (missing === undefined) return;
  throw new RpcError(`Missing${missing}`, { reason: `${name} requires ${required.join(', ')}` });
}
