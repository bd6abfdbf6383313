/**
 * All operations of OSS with their handlers, in the order of the API reference ("List of operations by function" page).
 * docs/compatibility.md is generated from this table.
 */

import type { Permission } from '../access/authorize-access.ts';
import { deleteBucket, getBucketLocation, headBucket, putBucket } from './bucket/bucket.ts';
import { getBucketAccessMonitor, putBucketAccessMonitor } from './bucket/bucket-access-monitor.ts';
import { getBucketAcl, putBucketAcl } from './bucket/bucket-acl.ts';
import {
  deleteBucketCallbackPolicy,
  getBucketCallbackPolicy,
  putBucketCallbackPolicy,
} from './bucket/bucket-callback-policy.ts';
import { deleteBucketCors, getBucketCors, putBucketCors } from './bucket/bucket-cors.ts';
import { deleteBucketEncryption, getBucketEncryption, putBucketEncryption } from './bucket/bucket-encryption.ts';
import { getBucketInfo, getBucketStat } from './bucket/bucket-info.ts';
import { deleteBucketLifecycle, getBucketLifecycle, putBucketLifecycle } from './bucket/bucket-lifecycle.ts';
import { deleteBucketPolicy, getBucketPolicy, getBucketPolicyStatus, putBucketPolicy } from './bucket/bucket-policy.ts';
import { getBucketReferer, putBucketReferer } from './bucket/bucket-referer.ts';
import { getBucketRequestPayment, putBucketRequestPayment } from './bucket/bucket-request-payment.ts';
import {
  deleteBucketResponseHeader,
  getBucketResponseHeader,
  putBucketResponseHeader,
} from './bucket/bucket-response-header.ts';
import { deleteBucketTags, getBucketTags, putBucketTags } from './bucket/bucket-tagging.ts';
import { getBucketVersioning, putBucketVersioning } from './bucket/bucket-versioning.ts';
import { deleteBucketWebsite, getBucketWebsite, putBucketWebsite } from './bucket/bucket-website.ts';
import { getService } from './bucket/list-buckets.ts';
import { listObjects, listObjectsV2 } from './bucket/list-objects.ts';
import { listObjectVersions } from './bucket/list-versions.ts';
import {
  deleteBucketPublicAccessBlock,
  deletePublicAccessBlock,
  getBucketPublicAccessBlock,
  getPublicAccessBlock,
  putBucketPublicAccessBlock,
  putPublicAccessBlock,
} from './bucket/public-access-block.ts';
import {
  deleteLiveChannel,
  getLiveChannelHistory,
  getLiveChannelInfo,
  getLiveChannelStat,
  getVodPlaylist,
  listLiveChannel,
  postVodPlaylist,
  putLiveChannel,
  putLiveChannelStatus,
} from './live-channel.ts';
import { copyObject, uploadPartCopy } from './object/copy.ts';
import { deleteMultipleObjects } from './object/delete-multiple.ts';
import { getSignedPlaylist } from './object/hls-sign.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  initiateMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from './object/multipart.ts';
import { getObjectAcl, putObjectAcl } from './object/object-acl.ts';
import { getObject, getObjectMeta, headObject } from './object/object-read.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './object/object-tagging.ts';
import { appendObject, deleteObject, putObject } from './object/object-write.ts';
import { postObject } from './object/post-object.ts';
import { cleanRestoredObject, restoreObject } from './object/restore-object.ts';
import { getSymlink, putSymlink } from './object/symlink.ts';
import type { Handler, Level, Method, Operation } from './operation.ts';

/** The header that names the source of a copy. */
const COPY_SOURCE = 'x-oss-copy-source';
const CALLBACK_POLICY = 'policy&comp=callback';

export const OPERATIONS: readonly Operation[] = [
  // service
  serve('GetService', 'GET', 'service', '', 'list', account(getService)),
  // The parameter is the filter of the list here, and the sub-resource of a bucket elsewhere.
  serve('GetService (by tags)', 'GET', 'service', 'tagging', 'list', account(getService)),
  // Sent by tests of the Python SDK; the answer is the list of all buckets.
  serve('GetService (by regions)', 'GET', 'service', 'regionList', 'list', account(getService)),
  refuse('DescribeRegions', 'GET', 'service', 'regions'),
  serve('PutPublicAccessBlock', 'PUT', 'service', 'publicAccessBlock', 'manage', account(putPublicAccessBlock)),
  serve('GetPublicAccessBlock', 'GET', 'service', 'publicAccessBlock', 'manage', account(getPublicAccessBlock)),
  serve(
    'DeletePublicAccessBlock',
    'DELETE',
    'service',
    'publicAccessBlock',
    'manage',
    account(deletePublicAccessBlock),
  ),
  refuse('ListAccessPoints', 'GET', 'service', 'accessPoint'),
  refuse('ListCloudBoxes', 'GET', 'service', 'cloudboxes'),
  refuse('GetUserQosInfo', 'GET', 'service', 'qosInfo'),
  refuse('ListResourcePools', 'GET', 'service', 'resourcePool'),
  refuse('GetResourcePoolInfo', 'GET', 'service', 'resourcePoolInfo&resourcePool'),
  refuse('ListResourcePoolBuckets', 'GET', 'service', 'resourcePoolBuckets&resourcePool'),
  refuse('PutResourcePoolRequesterQoSInfo', 'PUT', 'service', 'requesterQosInfo&resourcePool&qosRequester'),
  refuse('GetResourcePoolRequesterQoSInfo', 'GET', 'service', 'requesterQosInfo&resourcePool&qosRequester'),
  refuse('ListResourcePoolRequesterQoSInfos', 'GET', 'service', 'requesterQosInfo&resourcePool'),
  refuse('DeleteResourcePoolRequesterQoSInfo', 'DELETE', 'service', 'requesterQosInfo&resourcePool&qosRequester'),
  refuse('ListUserDataRedundancyTransition', 'GET', 'service', 'redundancyTransition'),

  // live channels
  serve('PutLiveChannel', 'PUT', 'channel', 'live', 'manage', bucket(putLiveChannel)),
  serve('ListLiveChannel', 'GET', 'bucket', 'live', 'manage', bucket(listLiveChannel)),
  serve('DeleteLiveChannel', 'DELETE', 'channel', 'live', 'manage', bucket(deleteLiveChannel)),
  serve('PutLiveChannelStatus', 'PUT', 'channel', 'live&status', 'manage', bucket(putLiveChannelStatus)),
  serve('GetLiveChannelInfo', 'GET', 'channel', 'live', 'manage', bucket(getLiveChannelInfo)),
  serve('GetLiveChannelStat', 'GET', 'channel', 'live&comp=stat', 'manage', bucket(getLiveChannelStat)),
  serve('GetLiveChannelHistory', 'GET', 'channel', 'live&comp=history', 'manage', bucket(getLiveChannelHistory)),
  serve('PostVodPlaylist', 'POST', 'channel', 'vod', 'manage', bucket(postVodPlaylist)),
  serve('GetVodPlaylist', 'GET', 'channel', 'vod', 'manage', bucket(getVodPlaylist)),

  // buckets
  serve('PutBucket', 'PUT', 'bucket', '', 'manage', account(putBucket)),
  serve('DeleteBucket', 'DELETE', 'bucket', '', 'manage', bucket(deleteBucket)),
  serve('GetBucket (ListObjects)', 'GET', 'bucket', '', 'list', bucket(listObjects)),
  serve('ListObjectsV2', 'GET', 'bucket', 'list-type=2', 'list', bucket(listObjectsV2)),
  serve('HeadBucket', 'HEAD', 'bucket', '', 'list', bucket(headBucket)),
  serve('GetBucketInfo', 'GET', 'bucket', 'bucketInfo', 'manage', bucket(getBucketInfo)),
  serve('GetBucketLocation', 'GET', 'bucket', 'location', 'manage', bucket(getBucketLocation)),
  serve('GetBucketStat', 'GET', 'bucket', 'stat', 'manage', bucket(getBucketStat)),
  serve('PutBucketAcl', 'PUT', 'bucket', 'acl', 'manage', account(putBucketAcl)),
  serve('GetBucketAcl', 'GET', 'bucket', 'acl', 'manage', bucket(getBucketAcl)),
  serve('PutBucketCors', 'PUT', 'bucket', 'cors', 'manage', bucket(putBucketCors)),
  serve('GetBucketCors', 'GET', 'bucket', 'cors', 'manage', bucket(getBucketCors)),
  serve('DeleteBucketCors', 'DELETE', 'bucket', 'cors', 'manage', bucket(deleteBucketCors)),
  serve('PutBucketLifecycle', 'PUT', 'bucket', 'lifecycle', 'manage', bucket(putBucketLifecycle)),
  serve('GetBucketLifecycle', 'GET', 'bucket', 'lifecycle', 'manage', bucket(getBucketLifecycle)),
  serve('DeleteBucketLifecycle', 'DELETE', 'bucket', 'lifecycle', 'manage', bucket(deleteBucketLifecycle)),
  serve('PutBucketReferer', 'PUT', 'bucket', 'referer', 'manage', bucket(putBucketReferer)),
  serve('GetBucketReferer', 'GET', 'bucket', 'referer', 'manage', bucket(getBucketReferer)),
  serve('GetBucketVersioning', 'GET', 'bucket', 'versioning', 'manage', bucket(getBucketVersioning)),
  serve('PutBucketVersioning', 'PUT', 'bucket', 'versioning', 'manage', bucket(putBucketVersioning)),
  serve('ListObjectVersions', 'GET', 'bucket', 'versions', 'list', bucket(listObjectVersions)),
  serve('PostObject', 'POST', 'bucket', '', 'write object', bucket(postObject)),
  serve('PutBucketPolicy', 'PUT', 'bucket', 'policy', 'manage', bucket(putBucketPolicy)),
  serve('GetBucketPolicy', 'GET', 'bucket', 'policy', 'manage', bucket(getBucketPolicy)),
  serve('DeleteBucketPolicy', 'DELETE', 'bucket', 'policy', 'manage', bucket(deleteBucketPolicy)),
  serve('GetBucketPolicyStatus', 'GET', 'bucket', 'policyStatus', 'manage', bucket(getBucketPolicyStatus)),
  serve('PutBucketCallbackPolicy', 'PUT', 'bucket', CALLBACK_POLICY, 'manage', bucket(putBucketCallbackPolicy)),
  serve('GetBucketCallbackPolicy', 'GET', 'bucket', CALLBACK_POLICY, 'manage', bucket(getBucketCallbackPolicy)),
  serve(
    'DeleteBucketCallbackPolicy',
    'DELETE',
    'bucket',
    CALLBACK_POLICY,
    'manage',
    bucket(deleteBucketCallbackPolicy),
  ),
  refuse('PutBucketLogging', 'PUT', 'bucket', 'logging'),
  refuse('GetBucketLogging', 'GET', 'bucket', 'logging'),
  refuse('DeleteBucketLogging', 'DELETE', 'bucket', 'logging'),
  refuse('PutUserDefinedLogFieldsConfig', 'PUT', 'bucket', 'userDefinedLogFieldsConfig'),
  refuse('GetUserDefinedLogFieldsConfig', 'GET', 'bucket', 'userDefinedLogFieldsConfig'),
  refuse('DeleteUserDefinedLogFieldsConfig', 'DELETE', 'bucket', 'userDefinedLogFieldsConfig'),
  serve('PutBucketWebsite', 'PUT', 'bucket', 'website', 'manage', bucket(putBucketWebsite)),
  serve('GetBucketWebsite', 'GET', 'bucket', 'website', 'manage', bucket(getBucketWebsite)),
  serve('DeleteBucketWebsite', 'DELETE', 'bucket', 'website', 'manage', bucket(deleteBucketWebsite)),
  serve('PutBucketTags', 'PUT', 'bucket', 'tagging', 'manage', bucket(putBucketTags)),
  serve('GetBucketTags', 'GET', 'bucket', 'tagging', 'manage', bucket(getBucketTags)),
  serve('DeleteBucketTags', 'DELETE', 'bucket', 'tagging', 'manage', bucket(deleteBucketTags)),
  serve('PutBucketEncryption', 'PUT', 'bucket', 'encryption', 'manage', bucket(putBucketEncryption)),
  serve('GetBucketEncryption', 'GET', 'bucket', 'encryption', 'manage', bucket(getBucketEncryption)),
  serve('DeleteBucketEncryption', 'DELETE', 'bucket', 'encryption', 'manage', bucket(deleteBucketEncryption)),
  serve('PutBucketRequestPayment', 'PUT', 'bucket', 'requestPayment', 'manage', bucket(putBucketRequestPayment)),
  serve('GetBucketRequestPayment', 'GET', 'bucket', 'requestPayment', 'manage', bucket(getBucketRequestPayment)),
  refuse('PutBucketReplication', 'POST', 'bucket', 'replication&comp=add'),
  refuse('GetBucketReplication', 'GET', 'bucket', 'replication'),
  refuse('DeleteBucketReplication', 'POST', 'bucket', 'replication&comp=delete'),
  refuse('GetBucketReplicationLocation', 'GET', 'bucket', 'replicationLocation'),
  refuse('GetBucketReplicationProgress', 'GET', 'bucket', 'replicationProgress'),
  refuse('PutBucketRTC', 'PUT', 'bucket', 'rtc'),
  refuse('PutBucketInventory', 'PUT', 'bucket', 'inventory&inventoryId'),
  refuse('GetBucketInventory', 'GET', 'bucket', 'inventory&inventoryId'),
  refuse('ListBucketInventory', 'GET', 'bucket', 'inventory'),
  refuse('DeleteBucketInventory', 'DELETE', 'bucket', 'inventory&inventoryId'),
  refuse('InitiateBucketWorm', 'POST', 'bucket', 'worm'),
  refuse('GetBucketWorm', 'GET', 'bucket', 'worm'),
  refuse('AbortBucketWorm', 'DELETE', 'bucket', 'worm'),
  refuse('CompleteBucketWorm', 'POST', 'bucket', 'wormId'),
  refuse('ExtendBucketWorm', 'POST', 'bucket', 'wormId&wormExtend'),
  refuse('PutBucketTransferAcceleration', 'PUT', 'bucket', 'transferAcceleration'),
  refuse('GetBucketTransferAcceleration', 'GET', 'bucket', 'transferAcceleration'),
  serve('PutBucketAccessMonitor', 'PUT', 'bucket', 'accessmonitor', 'manage', bucket(putBucketAccessMonitor)),
  serve('GetBucketAccessMonitor', 'GET', 'bucket', 'accessmonitor', 'manage', bucket(getBucketAccessMonitor)),
  refuse('OpenMetaQuery', 'POST', 'bucket', 'metaQuery&comp=add'),
  refuse('GetMetaQueryStatus', 'GET', 'bucket', 'metaQuery'),
  refuse('DoMetaQuery', 'POST', 'bucket', 'metaQuery&comp=query'),
  refuse('CloseMetaQuery', 'POST', 'bucket', 'metaQuery&comp=delete'),
  refuse('PutBucketResourceGroup', 'PUT', 'bucket', 'resourceGroup'),
  refuse('GetBucketResourceGroup', 'GET', 'bucket', 'resourceGroup'),
  refuse('CreateCnameToken', 'POST', 'bucket', 'cname&comp=token'),
  refuse('GetCnameToken', 'GET', 'bucket', 'cname&comp=token'),
  refuse('PutCname', 'POST', 'bucket', 'cname&comp=add'),
  refuse('ListCname', 'GET', 'bucket', 'cname'),
  refuse('DeleteCname', 'POST', 'bucket', 'cname&comp=delete'),
  refuse('PutStyle', 'PUT', 'bucket', 'style&styleName'),
  refuse('GetStyle', 'GET', 'bucket', 'style&styleName'),
  refuse('ListStyle', 'GET', 'bucket', 'style'),
  refuse('DeleteStyle', 'DELETE', 'bucket', 'style&styleName'),
  refuse('PutBucketArchiveDirectRead', 'PUT', 'bucket', 'bucketArchiveDirectRead'),
  refuse('GetBucketArchiveDirectRead', 'GET', 'bucket', 'bucketArchiveDirectRead'),
  refuse('PutBucketHttpsConfig', 'PUT', 'bucket', 'httpsConfig'),
  refuse('GetBucketHttpsConfig', 'GET', 'bucket', 'httpsConfig'),
  refuse('PutBucketQosInfo', 'PUT', 'bucket', 'qosInfo'),
  refuse('GetBucketQosInfo', 'GET', 'bucket', 'qosInfo'),
  refuse('DeleteBucketQosInfo', 'DELETE', 'bucket', 'qosInfo'),
  refuse('PutBucketRequesterQoSInfo', 'PUT', 'bucket', 'requesterQosInfo&qosRequester'),
  refuse('GetBucketRequesterQoSInfo', 'GET', 'bucket', 'requesterQosInfo&qosRequester'),
  refuse('ListBucketRequesterQoSInfos', 'GET', 'bucket', 'requesterQosInfo'),
  refuse('DeleteBucketRequesterQoSInfo', 'DELETE', 'bucket', 'requesterQosInfo&qosRequester'),
  refuse('PutBucketStorageCapacity', 'PUT', 'bucket', 'qos'),
  refuse('GetBucketStorageCapacity', 'GET', 'bucket', 'qos'),
  serve('PutBucketResponseHeader', 'PUT', 'bucket', 'responseHeader', 'manage', bucket(putBucketResponseHeader)),
  serve('GetBucketResponseHeader', 'GET', 'bucket', 'responseHeader', 'manage', bucket(getBucketResponseHeader)),
  serve(
    'DeleteBucketResponseHeader',
    'DELETE',
    'bucket',
    'responseHeader',
    'manage',
    bucket(deleteBucketResponseHeader),
  ),
  serve(
    'PutBucketPublicAccessBlock',
    'PUT',
    'bucket',
    'publicAccessBlock',
    'manage',
    bucket(putBucketPublicAccessBlock),
  ),
  serve(
    'GetBucketPublicAccessBlock',
    'GET',
    'bucket',
    'publicAccessBlock',
    'manage',
    bucket(getBucketPublicAccessBlock),
  ),
  serve(
    'DeleteBucketPublicAccessBlock',
    'DELETE',
    'bucket',
    'publicAccessBlock',
    'manage',
    bucket(deleteBucketPublicAccessBlock),
  ),
  refuse('CreateAccessPoint', 'PUT', 'bucket', 'accessPoint'),
  refuse('GetAccessPoint', 'GET', 'bucket', 'accessPoint'),
  refuse('DeleteAccessPoint', 'DELETE', 'bucket', 'accessPoint'),
  refuse('PutAccessPointPolicy', 'PUT', 'bucket', 'accessPointPolicy'),
  refuse('GetAccessPointPolicy', 'GET', 'bucket', 'accessPointPolicy'),
  refuse('DeleteAccessPointPolicy', 'DELETE', 'bucket', 'accessPointPolicy'),
  refuse('CreateBucketDataRedundancyTransition', 'POST', 'bucket', 'redundancyTransition'),
  refuse('GetBucketDataRedundancyTransition', 'GET', 'bucket', 'redundancyTransition'),
  refuse('DeleteBucketDataRedundancyTransition', 'DELETE', 'bucket', 'redundancyTransition'),
  refuse('PutAsyncFetchTask', 'POST', 'bucket', 'asyncFetch'),
  refuse('GetAsyncFetchTask', 'GET', 'bucket', 'asyncFetch'),

  // objects
  serve('PutObject', 'PUT', 'object', '', 'write object', bucket(putObject)),
  serve('CopyObject', 'PUT', 'object', '', 'write object', bucket(copyObject), COPY_SOURCE),
  serve('AppendObject', 'POST', 'object', 'append', 'write object', bucket(appendObject)),
  serve('GetObject', 'GET', 'object', '', 'read object', bucket(getObject)),
  serve('GetObject (hls/sign)', 'GET', 'object', 'x-oss-process=hls/sign', 'read object', bucket(getSignedPlaylist)),
  serve('HeadObject', 'HEAD', 'object', '', 'read object', bucket(headObject)),
  serve('GetObjectMeta', 'HEAD', 'object', 'objectMeta', 'read object', bucket(getObjectMeta)),
  serve('GetObjectMeta (GET)', 'GET', 'object', 'objectMeta', 'read object', bucket(getObjectMeta)),
  serve('DeleteObject', 'DELETE', 'object', '', 'write object', bucket(deleteObject)),
  // The Python SDK's own tests delete a version of a link with the parameters they have read it with.
  serve('DeleteObject (symlink)', 'DELETE', 'object', 'symlink', 'write object', bucket(deleteObject)),
  serve('DeleteMultipleObjects', 'POST', 'bucket', 'delete', 'manage', bucket(deleteMultipleObjects)),
  serve('PutObjectACL', 'PUT', 'object', 'acl', 'manage', bucket(putObjectAcl)),
  serve('GetObjectACL', 'GET', 'object', 'acl', 'manage', bucket(getObjectAcl)),
  serve('PutSymlink', 'PUT', 'object', 'symlink', 'write object', bucket(putSymlink)),
  serve('GetSymlink', 'GET', 'object', 'symlink', 'read object', bucket(getSymlink)),
  serve('PutObjectTagging', 'PUT', 'object', 'tagging', 'manage', bucket(putObjectTagging)),
  serve('GetObjectTagging', 'GET', 'object', 'tagging', 'manage', bucket(getObjectTagging)),
  serve('DeleteObjectTagging', 'DELETE', 'object', 'tagging', 'manage', bucket(deleteObjectTagging)),
  refuse('GetObject (image and document processing)', 'GET', 'object', 'x-oss-process'),
  refuse('ProcessObject, SelectObject', 'POST', 'object', 'x-oss-process'),
  refuse('AsyncProcessObject', 'POST', 'object', 'x-oss-async-process'),
  serve('RestoreObject', 'POST', 'object', 'restore', 'write object', bucket(restoreObject)),
  serve('CleanRestoredObject', 'POST', 'object', 'cleanRestoredObject', 'write object', bucket(cleanRestoredObject)),
  refuse('SealAppendObject', 'POST', 'object', 'seal'),
  refuse('RenameObject', 'POST', 'object', 'x-oss-rename'),
  refuse('CreateDirectory', 'POST', 'object', 'x-oss-dir'),
  refuse('DeleteDirectory', 'POST', 'object', 'x-oss-delete'),

  // multipart uploads
  serve('InitiateMultipartUpload', 'POST', 'object', 'uploads', 'write object', bucket(initiateMultipartUpload)),
  serve('UploadPart', 'PUT', 'object', 'partNumber&uploadId', 'write object', bucket(uploadPart)),
  serve('UploadPartCopy', 'PUT', 'object', 'partNumber&uploadId', 'write object', bucket(uploadPartCopy), COPY_SOURCE),
  serve('CompleteMultipartUpload', 'POST', 'object', 'uploadId', 'write object', bucket(completeMultipartUpload)),
  serve('AbortMultipartUpload', 'DELETE', 'object', 'uploadId', 'write object', bucket(abortMultipartUpload)),
  serve('ListMultipartUploads', 'GET', 'bucket', 'uploads', 'list', bucket(listMultipartUploads)),
  serve('ListParts', 'GET', 'object', 'uploadId', 'list', bucket(listParts)),
];

function serve(
  name: string,
  method: Method,
  level: Level,
  select: string,
  permission: Permission,
  handler: Handler,
  header?: string,
): Operation {
  return { name, method, level, select, permission, handler, ...(header !== undefined && { header }) };
}

function refuse(name: string, method: Method, level: Level, select: string): Operation {
  return { name, method, level, select, permission: 'manage' };
}

function account(run: Extract<Handler, { scope: 'account' }>['run']): Handler {
  return { scope: 'account', run };
}

function bucket(run: Extract<Handler, { scope: 'bucket' }>['run']): Handler {
  return { scope: 'bucket', run };
}
