/** How each operation of the matrix is asked for, and what must exist before, so that it succeeds when it is allowed. */
import { createHash } from 'node:crypto';
import type { ObjectAcl } from '../../src/storage/metadata/records.ts';

/** The object whose ACL a cell is about. */
export const OBJECT = 'o.m3u8';
export const CHANNEL = 'cam';

export interface Places {
  /** The bucket of the cell. */
  readonly bucket: string;
  /** A bucket that everybody may read and write. */
  readonly place: string;
  /** Of the object; that of the key `copy` in the other bucket ends in `-place`. */
  readonly uploadId: string;
}

/** What is made of the object of the cell. */
export type Made = 'nothing' | 'plain' | 'appendable' | 'link' | 'archived' | 'restored' | 'linked';

export interface Asked {
  /** Of the object; default `plain`. */
  readonly made?: Made;
  /** Parameters besides those that select the operation. */
  readonly query?: string;
  /** Values of the selecting parameters. */
  readonly values?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default the object of the cell, or its bucket, as the operation says. */
  readonly path?: string;
  /** An operation that the owner does before. */
  readonly after?: string;
  readonly form?: 'plain' | 'acl';
  /** The signature is in the URL. */
  readonly inUrl?: boolean;
}

const DAY = '&startTime=1735646400&endTime=1735732800';
const NEUTRAL_POLICY =
  '{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:GetObject"],"Principal":["9999999999999999"],"Resource":["acs:oss:*:*:other/*"]}]}';
const DELETE = `<Delete><Object><Key>${OBJECT}</Key></Object></Delete>`;
const ACL = { 'x-oss-object-acl': 'public-read' } as const satisfies Readonly<Record<string, ObjectAcl>>;
const TAGS = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>';

/** Operations that need nothing are left out. */
export function askedFor(name: string, { bucket, place, uploadId }: Places): Asked {
  const all: Readonly<Record<string, Asked>> = {
    PutBucket: { path: `/${bucket}-new` },
    DeleteBucket: { made: 'nothing' },
    PutPublicAccessBlock: {
      body: '<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>',
    },

    PutObject: { body: 'new' },
    CopyObject: { headers: { 'x-oss-copy-source': `/${place}/readable` } },
    AppendObject: { made: 'appendable', query: '&position=7', body: 'more' },
    PostObject: { form: 'plain' },
    PutSymlink: { headers: { 'x-oss-symlink-target': 'elsewhere' } },
    GetSymlink: { made: 'link' },
    'DeleteObject (symlink)': { made: 'link' },
    'GetObject (hls/sign)': { inUrl: true },
    UploadPart: { values: { partNumber: '1', uploadId }, body: 'part' },
    UploadPartCopy: { values: { partNumber: '1', uploadId }, headers: { 'x-oss-copy-source': `/${place}/readable` } },
    CompleteMultipartUpload: { values: { uploadId }, headers: { 'x-oss-complete-all': 'yes' } },
    AbortMultipartUpload: { values: { uploadId } },
    ListParts: { values: { uploadId } },
    RestoreObject: { made: 'archived' },
    CleanRestoredObject: { made: 'restored' },
    PutObjectACL: { headers: ACL },
    PutObjectTagging: { body: TAGS },
    DeleteMultipleObjects: { body: DELETE, headers: { 'content-md5': md5(DELETE) } },

    PutLiveChannel: {
      path: `/${bucket}/new`,
      body: '<LiveChannelConfiguration><Target><Type>HLS</Type></Target></LiveChannelConfiguration>',
    },
    DeleteLiveChannel: { path: `/${bucket}/${CHANNEL}` },
    PutLiveChannelStatus: { path: `/${bucket}/${CHANNEL}`, values: { status: 'disabled' } },
    GetLiveChannelInfo: { path: `/${bucket}/${CHANNEL}` },
    GetLiveChannelStat: { path: `/${bucket}/${CHANNEL}` },
    GetLiveChannelHistory: { path: `/${bucket}/${CHANNEL}` },
    PostVodPlaylist: { path: `/${bucket}/${CHANNEL}/vod.m3u8`, query: DAY },
    GetVodPlaylist: { path: `/${bucket}/${CHANNEL}`, query: DAY },

    PutBucketAcl: { headers: { 'x-oss-acl': 'public-read' } },
    PutBucketCors: {
      body: '<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>',
    },
    PutBucketLifecycle: {
      body: '<LifecycleConfiguration><Rule><ID>a</ID><Prefix>a/</Prefix><Status>Enabled</Status><Expiration><Days>900</Days></Expiration></Rule></LifecycleConfiguration>',
    },
    PutBucketReferer: {
      body: '<RefererConfiguration><AllowEmptyReferer>true</AllowEmptyReferer><RefererList><Referer>http://a.test</Referer></RefererList></RefererConfiguration>',
    },
    PutBucketVersioning: { body: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>' },
    PutBucketPolicy: { body: NEUTRAL_POLICY },
    PutBucketCallbackPolicy: {
      body: '<BucketCallbackPolicy><PolicyItem><PolicyName>a</PolicyName><Callback>eyJjYWxsYmFja1VybCI6Imh0dHA6Ly8xMjcuMC4wLjE6MSIsImNhbGxiYWNrQm9keSI6ImEifQ==</Callback></PolicyItem></BucketCallbackPolicy>',
    },
    PutBucketWebsite: {
      body: '<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>',
    },
    PutBucketTags: { body: TAGS },
    PutBucketEncryption: {
      body: '<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>',
    },
    PutBucketRequestPayment: {
      body: '<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>',
    },
    PutBucketAccessMonitor: {
      body: '<AccessMonitorConfiguration><Status>Enabled</Status></AccessMonitorConfiguration>',
    },
    PutBucketResponseHeader: {
      body: '<ResponseHeaderConfiguration><Rule><Name>a</Name><Filters><Operation>GetObject</Operation></Filters><HideHeaders><Header>ETag</Header></HideHeaders></Rule></ResponseHeaderConfiguration>',
    },
    PutBucketPublicAccessBlock: {
      body: '<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>',
    },
    GetBucketCors: { after: 'PutBucketCors' },
    GetBucketLifecycle: { after: 'PutBucketLifecycle' },
    GetBucketPolicy: { after: 'PutBucketPolicy' },
    GetBucketPolicyStatus: { after: 'PutBucketPolicy' },
    GetBucketCallbackPolicy: { after: 'PutBucketCallbackPolicy' },
    GetBucketWebsite: { after: 'PutBucketWebsite' },
    GetBucketTags: { after: 'PutBucketTags' },
    GetBucketEncryption: { after: 'PutBucketEncryption' },
    GetBucketResponseHeader: { after: 'PutBucketResponseHeader' },

    'PutObject with an ACL': { body: 'new', headers: ACL },
    'CopyObject with an ACL': { headers: { 'x-oss-copy-source': `/${place}/readable`, ...ACL } },
    'AppendObject with an ACL': { made: 'appendable', query: '&position=7', body: 'more', headers: ACL },
    'PostObject with an ACL': { form: 'acl' },
    'PutSymlink with an ACL': { headers: { 'x-oss-symlink-target': 'elsewhere', ...ACL } },
    'InitiateMultipartUpload with an ACL': { headers: ACL },
    'CompleteMultipartUpload with an ACL': { values: { uploadId }, headers: { 'x-oss-complete-all': 'yes', ...ACL } },

    'GetObject through a public link to the object': { made: 'linked', path: `/${bucket}/link.m3u8` },
    'GetObject of a part through a public link to the object': {
      made: 'linked',
      path: `/${bucket}/link.m3u8`,
      headers: { range: 'bytes=0-1' },
    },
    'GetObject of what changed through a public link to the object': {
      made: 'linked',
      path: `/${bucket}/link.m3u8`,
      headers: { 'if-none-match': '"another"' },
    },
    'HeadObject through a public link to the object': { made: 'linked', path: `/${bucket}/link.m3u8` },
    'GetObject (hls/sign) through a public link to the object': {
      made: 'linked',
      path: `/${bucket}/link.m3u8`,
      inUrl: true,
    },
    'GetObject through the object as a link to a public one': { made: 'link' },
    'HeadObject through the object as a link to a public one': { made: 'link' },
    'CopyObject of the object to a public place': {
      path: `/${place}/copy`,
      headers: { 'x-oss-copy-source': `/${bucket}/${OBJECT}` },
    },
    'UploadPartCopy of the object to a public place': {
      path: `/${place}/copy`,
      values: { partNumber: '1', uploadId: `${uploadId}-place` },
      headers: { 'x-oss-copy-source': `/${bucket}/${OBJECT}` },
    },
  };
  return all[name] ?? {};
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('base64');
}
