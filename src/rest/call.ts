import type { IncomingMessage } from 'node:http';
import type { Authentication } from '../auth/authenticate.ts';
import type { KeyRing } from '../auth/request.ts';
import type { Clock } from '../clock.ts';
import type { UrlBase } from '../endpoint.ts';
import type { KeyedLock } from '../keyed-lock.ts';
import type { Bucket, MetadataStore } from '../metadata/store.ts';
import type { Objects } from '../objects/objects.ts';
import type { Chunks } from '../objects/store.ts';
import type { Uploads } from '../objects/uploads.ts';
import type { Owner } from '../xml/bucket-documents.ts';
import type { Channels, Vod } from './channels.ts';

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
  readonly channels: Channels;
  readonly vod: Vod;
  /** Lets changes of one bucket's row happen one after the other. */
  readonly bucketLock: KeyedLock;
  readonly keys: KeyRing;
  readonly clock: Clock;
  /** Region of all buckets, e.g. `cn-hangzhou`. */
  readonly region: string;
}

/** What goes back. A body that is text or bytes gets its Content-Length from `sendAnswer`. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Chunks;
}

/** Everything belongs to one account: the emulator has no others. */
export const OWNER: Owner = { id: '1234567890123456', displayName: '1234567890123456' };

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: '' };
}

export function xmlAnswer(document: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body: document };
}
