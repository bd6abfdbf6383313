import type { RpcOperation } from './call.ts';
import { DOMAIN_OPERATIONS } from './domain-operations.ts';
import { NOTIFY_OPERATIONS } from './notify-operations.ts';
import { RECORD_CONFIG_OPERATIONS } from './record-config-operations.ts';
import { RECORD_INDEX_OPERATIONS } from './record-index-operations.ts';
import { RECORDING_OPERATIONS } from './recording-operations.ts';
import { ROOM_EVENT_OPERATIONS } from './rooms/event-operations.ts';
import { ROOM_OPERATIONS } from './rooms/operations.ts';
import { STREAM_OPERATIONS } from './stream-operations.ts';

/** Every operation of product live, version 2016-11-01, that is served. */
export const LIVE_OPERATIONS: readonly RpcOperation[] = [
  ...RECORD_CONFIG_OPERATIONS,
  ...RECORDING_OPERATIONS,
  ...RECORD_INDEX_OPERATIONS,
  ...STREAM_OPERATIONS,
  ...NOTIFY_OPERATIONS,
  ...DOMAIN_OPERATIONS,
  ...ROOM_OPERATIONS,
  ...ROOM_EVENT_OPERATIONS,
];
