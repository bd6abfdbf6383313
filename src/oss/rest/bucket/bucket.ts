import { intranetAuthority, serviceAuthority } from '../../../aliyun/endpoint.ts';
import {
  type BucketPlace,
  locationConstraint,
  readCreateBucketConfiguration,
} from '../../../aliyun/xml/bucket-documents.ts';
import { invalidArgument, OssError } from '../../../base/errors.ts';
import type { Answer } from '../../../http/answer.ts';
import { newBucket } from '../../../storage/metadata/new-bucket.ts';
import { BUCKET_ACLS, type BucketAcl } from '../../../storage/metadata/records.ts';
import { isStorageClass } from '../../../storage/objects/storage-class.ts';
import { withConfiguration } from '../../bucket/bucket-configurations.ts';
import { authorizeAction, checkBucketName, noSuchBucket, refusePublicAcl } from '../authorize.ts';
import { readEncryption } from '../encryption.ts';
import { given } from '../query.ts';
import { MAX_XML_BYTES, readDocument } from '../request-body.ts';
import { accountOfCaller, type BucketCall, type Call, emptyAnswer, type Services, xmlAnswer } from '../rest-call.ts';

export const REDUNDANCY_TYPES: readonly string[] = ['LRS', 'ZRS'];

/**
 * Creates a bucket; of an existing one only the ACL is changed. That of another account is BucketAlreadyExists.
 */
export async function putBucket(call: Call, services: Services): Promise<Answer> {
  checkBucketName(call.bucketName);
  const acl = readBucketAcl(call);
  const encryption = readEncryption(call);
  const { storageClass, redundancyType } = await readCreation(call);
  const owner = accountOfCaller(call);
  await refusePublicAcl('bucket', acl, { owner, configurations: {} }, services);
  const existing = await services.metadata.getBucket(call.bucketName);
  // Of a bucket that exists, this is a PutBucketAcl.
  if (existing && acl && existing.owner === owner) {
    const demand = { action: 'oss:PutBucketAcl', permission: 'manage' } as const;
    await authorizeAction(demand, { ...call, bucket: existing }, services);
  }
  await services.metadata.changeBucket(call.bucketName, (current) => {
    if (current && current.owner !== owner && call.caller.scheme !== 'unchecked') throw alreadyExists(call.bucketName);
    let bucket = current ?? newBucket(call.bucketName, 'private', services.clock.now(), storageClass, owner);
    if (!current && encryption) bucket = withConfiguration(bucket, 'encryption', encryption);
    if (!current && redundancyType) bucket = withConfiguration(bucket, 'redundancy', { type: redundancyType });
    return acl ? { ...bucket, acl } : bucket;
  });
  return emptyAnswer(200, { location: `/${call.bucketName}` });
}

export async function deleteBucket(call: BucketCall, { metadata }: Services): Promise<Answer> {
  const outcome = await metadata.deleteBucket(call.bucketName);
  switch (outcome) {
    case 'deleted':
      return emptyAnswer(204);
    case 'missing':
      throw noSuchBucket(call.bucketName);
    case 'has-channels':
      throw notEmpty(call, '0015-00000303', 'The bucket has live channels. Please delete them first.');
    case 'has-objects':
      throw notEmpty(call, '0015-00000301', 'The bucket has objects. Please delete them first.');
    case 'has-uploads':
      throw notEmpty(call, undefined, 'The bucket has multipart uploads. Please abort them first.');
  }
}

/** Not in the API reference; the C SDK has it (`oss_head_bucket`) and reads the region. */
export async function headBucket(_call: BucketCall, { region }: Services): Promise<Answer> {
  return emptyAnswer(200, { 'x-oss-bucket-region': `oss-${region}` });
}

export async function getBucketLocation(_call: BucketCall, { region }: Services): Promise<Answer> {
  return xmlAnswer(locationConstraint(region));
}

/** @throws OssError InvalidArgument */
export function readBucketAcl(call: Call): BucketAcl | undefined {
  const text = call.headers.get('x-oss-acl');
  if (text === undefined) return undefined;
  const acl = BUCKET_ACLS.find((candidate) => candidate === text);
  if (acl) return acl;
  throw invalidArgument('x-oss-acl', text, 'no such bucket access control exists', '0015-00000204');
}

/** The endpoints of the bucket in answers to this call. */
export function placeOf({ urls, bucketName }: Call, { region }: Services): BucketPlace {
  const endpoint = serviceAuthority(urls, bucketName);
  return { region, endpoint, intranetEndpoint: intranetAuthority(endpoint) };
}

async function readCreation(call: Call): Promise<{ storageClass?: string; redundancyType?: string }> {
  const body = await readDocument(call, MAX_XML_BYTES);
  if (body.length === 0) return {};
  const { storageClass, dataRedundancyType } = readCreateBucketConfiguration(body, MAX_XML_BYTES);
  if (storageClass && !isStorageClass(storageClass)) {
    throw invalidArgument('StorageClass', storageClass, 'The storage class is not valid.');
  }
  if (dataRedundancyType && !REDUNDANCY_TYPES.includes(dataRedundancyType)) {
    throw invalidArgument('DataRedundancyType', dataRedundancyType, 'The redundancy type must be LRS or ZRS.');
  }
  return { ...given('storageClass', storageClass), ...given('redundancyType', dataRedundancyType) };
}

/** The refusal of a name that another account has. */
export function alreadyExists(name: string): OssError {
  return new OssError(
    'BucketAlreadyExists',
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    { ec: '0015-00000102', details: { BucketName: name } },
  );
}

function notEmpty(call: Call, ec: string | undefined, message: string): OssError {
  return new OssError('BucketNotEmpty', message, {
    ...(ec !== undefined && { ec }),
    details: { BucketName: call.bucketName },
  });
}
