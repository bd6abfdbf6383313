/** What is stored of streams. */
import * as v from 'valibot';
import { text } from '../../base/schema.ts';
import { clockTime, plannedTime } from '../../base/time-schema.ts';
import type { DocumentKind } from '../../storage/metadata/stored-documents.ts';
import type { StreamPush } from './publishing-streams.ts';
import { streamSource } from './stream-name.ts';

/** A block of a stream until `resumeMs`. */
export interface StreamBlock {
  readonly app: string;
  readonly stream: string;
  readonly resumeMs: number;
}

export const STREAM_PUSHES: DocumentKind<StreamPush> = {
  kind: 'push',
  body: v.looseObject({
    id: text,
    source: streamSource,
    startedMs: clockTime,
    endedMs: v.nullable(plannedTime),
    remoteAddr: v.string(),
    localAddr: v.string(),
    publishDomain: v.string(),
    rawArgs: v.string(),
  }),
};

export const STREAM_BLOCKS: DocumentKind<StreamBlock> = {
  kind: 'block',
  body: v.looseObject({ app: v.string(), stream: v.string(), resumeMs: plannedTime }),
};
