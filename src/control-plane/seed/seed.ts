import * as v from 'valibot';
import { type Moment, moment } from '../../base/dates.ts';
import { choice, documented, fields, flag, integer, optional, text } from '../../base/schema.ts';
import { BUCKET_ACLS, type BucketAcl } from '../../storage/metadata/records.ts';

/** Data to create, in this order, in addition to what exists. */
export interface Seed {
  readonly buckets: readonly SeedBucket[];
}

export interface SeedBucket {
  readonly name: string;
  /** Default `private`; of a bucket that exists, unchanged. */
  readonly acl?: BucketAcl;
  readonly objects?: readonly SeedObject[];
  readonly channels?: readonly SeedChannel[];
}

/** Replaces an object with the same key. One of `text` and `base64` is its content; without either it is empty. */
export interface SeedObject {
  readonly key: string;
  readonly text?: string;
  readonly base64?: string;
  readonly contentType?: string;
}

/** A channel, created or replaced as PutLiveChannel does. */
export interface SeedChannel {
  readonly name: string;
  readonly description?: string;
  readonly enabled?: boolean;
  /** Default 5. */
  readonly fragDurationSec?: number;
  /** Default 3. */
  readonly fragCount?: number;
  readonly playlistName?: string;
  /** Pushes that left only their line in the history. */
  readonly history?: readonly SeedPush[];
  /** Pushes of the past with everything they recorded. */
  readonly recordings?: readonly SeedPush[];
}

export interface SeedPush {
  readonly from: Moment;
  readonly to: Moment;
  /** Default `127.0.0.1:1935`. */
  readonly remoteAddr?: string;
}

const push = {
  from: documented(moment, 'ISO 8601, Unix milliseconds, or ago: `-90m`, `-36h`, `-2d`.'),
  to: moment,
  remoteAddr: documented(optional(text), '`ip:port` of the publisher.'),
};

const channelSchema = fields({
  name: text,
  description: optional(v.string('must be a text')),
  enabled: optional(flag),
  fragDurationSec: documented(optional(integer(1, 100)), 'Default 5.'),
  fragCount: documented(optional(integer(1, 100)), 'Default 3.'),
  playlistName: optional(text),
  history: documented(optional(v.array(fields(push))), 'Pushes that left only their line in the history.'),
  recordings: documented(optional(v.array(fields(push))), 'Pushes of the past with all they recorded.'),
});

export const seedSchema = fields({
  buckets: v.array(
    fields({
      name: text,
      acl: documented(optional(choice(BUCKET_ACLS)), 'Default `private`; of a bucket that exists, unchanged.'),
      objects: optional(
        v.array(
          fields({
            key: text,
            text: optional(v.string('must be a text')),
            base64: optional(v.pipe(v.string('must be a text'), v.regex(/^[A-Za-z0-9+/]*={0,2}$/, 'must be base64'))),
            contentType: optional(text),
          }),
        ),
      ),
      channels: optional(v.array(channelSchema)),
    }),
    'must be a list',
  ),
}) satisfies v.GenericSchema<unknown, Seed>;
