/** The actions that policies name. Source: "Policy syntax and elements" page, tables of actions. */
import { type Operation, plainNameOf } from './operation.ts';

/** Operations whose action is not `oss:` and their own name. */
const ACTIONS: Readonly<Record<string, string>> = {
  GetService: 'ListBuckets',
  GetBucket: 'ListObjects',
  ListObjectsV2: 'ListObjects',
  GetLiveChannelInfo: 'GetLiveChannel',
  PutBucketTags: 'PutBucketTagging',
  GetBucketTags: 'GetBucketTagging',
  DeleteBucketTags: 'DeleteBucketTagging',
  PostObject: 'PutObject',
  CopyObject: 'PutObject',
  AppendObject: 'PutObject',
  HeadBucket: 'GetBucketInfo',
  HeadObject: 'GetObject',
  GetObjectMeta: 'GetObject',
  DeleteMultipleObjects: 'DeleteObject',
  PutObjectACL: 'PutObjectAcl',
  GetObjectACL: 'GetObjectAcl',
  PutSymlink: 'PutObject',
  GetSymlink: 'GetObject',
  InitiateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  UploadPartCopy: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
};

/** The same on one version of an object. */
const VERSION_ACTIONS: Readonly<Record<string, string>> = {
  GetObject: 'GetObjectVersion',
  DeleteObject: 'DeleteObjectVersion',
  RestoreObject: 'RestoreObjectVersion',
  GetObjectAcl: 'GetObjectVersionAcl',
  PutObjectAcl: 'PutObjectVersionAcl',
  GetObjectTagging: 'GetObjectVersionTagging',
  PutObjectTagging: 'PutObjectVersionTagging',
  DeleteObjectTagging: 'DeleteObjectVersionTagging',
};

/** @param isVersion the request names a version of the object */
export function policyAction({ name }: Pick<Operation, 'name'>, isVersion = false): string {
  const plain = plainNameOf(name);
  const action = ACTIONS[plain] ?? plain;
  return `oss:${(isVersion ? VERSION_ACTIONS[action] : undefined) ?? action}`;
}
