import type { QueueAttributes } from '../../../src/notify/mns/model.ts';

/** Messages are hidden for half a minute, and kept for an hour. */
export const QUEUE: QueueAttributes = {
  maximumMessageSizeBytes: 65_536,
  loggingEnabled: false,
  delaySec: 0,
  retentionSec: 3_600,
  visibilityTimeoutSec: 30,
  pollingWaitSec: 0,
};
