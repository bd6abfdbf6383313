import type { IncomingMessage } from 'node:http';
import type { Authentication } from '../../aliyun/auth/authenticate.ts';
import type { KeyRing } from '../../aliyun/auth/signed-request.ts';
import type { UrlBase } from '../../aliyun/endpoint.ts';
import type { Owner } from '../../aliyun/xml/bucket-documents.ts';
import type { Clock } from '../../base/clock.ts';
import type { KeyedLock } from '../../base/keyed-lock.ts';
import type { Answer } from '../../http/answer.ts';
import type { Bucket, MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { Objects } from '../../storage/objects/objects.ts';
import type { Uploads } from '../../storage/objects/uploads.ts';
import type { ChannelService } from '../channel/channel-service.ts';
import type { VodService } from '../channel/vod.ts';

/** One request that has been understood, authenticated and permitted: what an operation gets to see. */
export interface Call {
  readonly bucketName: string;
  readonly key: string;
  /** Decoded; of repeated parameters the first. */
  readonly query: ReadonlyMap<string, string>;
  /** By lower-case name, one character per byte. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: IncomingMessage;
  readonly caller: Authentication;
  /** Where the URLs of the answer lead. */
  readonly urls: UrlBase;
}

/** A call on a bucket that exists, or on something in it. */
export interface BucketCall extends Call {
  readonly bucket: Bucket;
}

/** What the operations work with. */
export interface Services {
  readonly metadata: MetadataStore;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly channels: Pick<ChannelService, 'put' | 'putStatus' | 'info' | 'stat' | 'history' | 'list' | 'delete'>;
  readonly vod: Pick<VodService, 'post' | 'get'>;
  /** Lets changes of one bucket's row happen one after the other. */
  readonly bucketLock: KeyedLock;
  readonly keys: KeyRing;
  readonly clock: Clock;
  /** Region of all buckets, e.g. `cn-hangzhou`. */
  readonly region: string;
}

/** Everything belongs to one account: the emulator has no others. */
export const OWNER: Owner = { id: '1234567890123456', displayName: '1234567890123456' };

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: '' };
}

export function xmlAnswer(document: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body: document };
}
