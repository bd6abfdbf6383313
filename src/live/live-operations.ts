import type { RpcOperation } from '../rpc/rpc-call.ts';
import { NOTIFY_OPERATIONS } from './callbacks/notify-operations.ts';
import { RECORD_CONFIG_OPERATIONS } from './recordings/record-config-operations.ts';
import { RECORD_INDEX_OPERATIONS } from './recordings/record-index-operations.ts';
import { RECORDING_OPERATIONS } from './recordings/recording-operations.ts';
import { ROOM_EVENT_OPERATIONS } from './rooms/event-operations.ts';
import { ROOM_OPERATIONS } from './rooms/room-operations.ts';
import type { LiveServices } from './services.ts';
import { DOMAIN_OPERATIONS } from './streams/domain-operations.ts';
import { STREAM_OPERATIONS } from './streams/stream-operations.ts';

/** Every operation of product live, version 2016-11-01, that is served. */
export const LIVE_OPERATIONS: readonly RpcOperation<LiveServices>[] = [
  ...RECORD_CONFIG_OPERATIONS,
  ...RECORDING_OPERATIONS,
  ...RECORD_INDEX_OPERATIONS,
  ...STREAM_OPERATIONS,
  ...NOTIFY_OPERATIONS,
  ...DOMAIN_OPERATIONS,
  ...ROOM_OPERATIONS,
  ...ROOM_EVENT_OPERATIONS,
];
