import type { RpcOperation } from './call.ts';

/** Every operation of product live, version 2016-11-01, that is served. */
export const LIVE_OPERATIONS: readonly RpcOperation[] = [];
