import type { IncomingMessage } from 'node:http';
import type { Authentication } from '../../aliyun/auth/authenticate.ts';
import { accountOf, type KeyRing } from '../../aliyun/auth/signed-request.ts';
import type { UrlBase } from '../../aliyun/endpoint.ts';
import type { Owner } from '../../aliyun/xml/bucket-documents.ts';
import type { Clock } from '../../base/clock.ts';
import type { Answer } from '../../http/answer.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { Bucket } from '../../storage/metadata/records.ts';
import type { Objects } from '../../storage/objects/objects.ts';
import type { Uploads } from '../../storage/objects/uploads.ts';
import type { AccountAccessBlocks } from '../access/account-access-blocks.ts';
import type { UploadCallbacks } from '../callback/upload-callbacks.ts';
import type { ChannelService } from '../channel/channel-service.ts';
import type { VodService } from '../channel/vod.ts';
import type { PostedForm } from '../form/posted-form.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';

/** A request after its authentication and authorization, as an operation receives it. */
export interface Call {
  readonly requestId: string;
  readonly bucketName: string;
  readonly key: string;
  /** Decoded; the first value of a repeated parameter. */
  readonly query: ReadonlyMap<string, string>;
  /** By lower-case name, one character per byte. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: IncomingMessage;
  /** Told of the document in the body, for the log. */
  readonly noteDocument?: (bytes: Buffer) => void;
  readonly caller: Authentication;
  /** The base of the URLs in the answer. */
  readonly urls: UrlBase;
  /** Whether the host name means the bucket, and not its path. */
  readonly onBucketHost: boolean;
  /** Of PostObject: the key and the headers of the call are those of the form. */
  readonly form?: PostedForm;
}

/** A call for a bucket that exists, or for an object in it. */
export interface BucketCall extends Call {
  readonly bucket: Bucket;
}

/** The services that operations use. */
export interface Services {
  readonly metadata: MetadataStore;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly accessBlocks: AccountAccessBlocks;
  readonly channels: Pick<ChannelService, 'put' | 'putStatus' | 'info' | 'stat' | 'history' | 'list' | 'delete'>;
  readonly vod: Pick<VodService, 'post' | 'get'>;
  readonly callbacks: Pick<UploadCallbacks, 'call'>;
  readonly lifecycle: Pick<Lifecycle, 'request'>;
  readonly keys: KeyRing;
  readonly clock: Clock;
  /** For what a client measures; people do not move it. */
  readonly realClock: Clock;
  /** Region of all buckets, e.g. `cn-hangzhou`. */
  readonly region: string;
}

/** The owner of a bucket and of everything in it, as documents show it. */
export function ownerOf({ owner }: Pick<Bucket, 'owner'>): Owner {
  return { id: owner, displayName: owner };
}

/** The account of a caller. An anonymous one has none, and is refused before it is needed. */
export function accountOfCaller({ caller }: Pick<Call, 'caller'>): string {
  return caller.scheme === 'anonymous' ? '' : accountOf(caller.key);
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: '' };
}

export function xmlAnswer(document: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body: document };
}
