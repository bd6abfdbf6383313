import type { DocumentKind } from '../storage/metadata/stored-documents.ts';
import { RECORD_NOTIFY_CONFIGS, STREAM_NOTIFY_CONFIGS } from './callbacks/stream-callbacks.ts';
import { INDEX_FILES } from './recordings/index-files.ts';
import { RECORD_CONFIGS } from './recordings/record-config.ts';
import { RECORDINGS } from './recordings/recording.ts';
import { EVENT_SUBSCRIPTIONS } from './rooms/event-subscriptions.ts';
import { DOMAIN_MAPPINGS, DOMAINS } from './streams/domains.ts';
import { STREAM_BLOCKS, STREAM_PUSHES } from './streams/stream-records.ts';

/** What was configured and what was recorded, without secrets and without what only the running nodes need. */
export const LIVE_RECORDS: readonly DocumentKind[] = [
  DOMAINS,
  DOMAIN_MAPPINGS,
  STREAM_BLOCKS,
  STREAM_PUSHES,
  RECORDINGS,
  RECORD_CONFIGS,
  INDEX_FILES,
  STREAM_NOTIFY_CONFIGS,
  RECORD_NOTIFY_CONFIGS,
  EVENT_SUBSCRIPTIONS,
];
