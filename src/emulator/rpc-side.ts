import { rpcFaults } from '../control-plane/faults/request-faults.ts';
import type { Live } from '../live/live.ts';
import { Explanations } from '../rpc/explanations.ts';
import { RpcApi } from '../rpc/rpc-api.ts';
import { createRpcHttp } from '../rpc/rpc-http.ts';
import { createRpcProduct } from '../rpc/rpc-product.ts';
import { SharedNonces } from '../rpc/shared-nonces.ts';
import { STS_OPERATIONS } from '../sts/sts-operations.ts';
import type { Core } from './core.ts';
import type { TakeRequest } from './split-requests.ts';
import type { Stores } from './stores.ts';

/** The RPC front: ApsaraVideo Live and STS. */
export interface RpcSide {
  readonly explanations: Explanations;
  readonly take: TakeRequest;
  /** Where nodes share their metadata: those of requests that would not be accepted any more. */
  forgetNonces(): Promise<void>;
}

export function createRpcSide(core: Core, { metadata, leases }: Stores, live: Live): RpcSide {
  const { config, clock, readPresent, log, events, faults, keys, issuedKeys, endpoint } = core;
  const sts = createRpcProduct({ name: 'sts', version: '2015-04-01' }, STS_OPERATIONS, { clock, issuedKeys });
  const explanations = new Explanations();
  const sharedNonces = leases.isShared ? new SharedNonces(metadata, clock) : undefined;
  const api = new RpcApi({
    products: [live.product, sts],
    keys,
    authMode: config.auth,
    explanations,
    sharedNonces,
    clock,
    readPresent,
    events,
    log,
    findFault: rpcFaults(faults, clock),
  });
  const { publicUrl } = config;
  return {
    explanations,
    take: createRpcHttp({ api, endpoint, ...(publicUrl !== undefined && { publicUrl }) }),
    forgetNonces: async () => sharedNonces?.forget(),
  };
}
