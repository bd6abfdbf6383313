import { describe, expect, it } from 'vitest';
import { policyAction } from '../../../src/oss/rest/operation-actions.ts';
import { OPERATIONS } from '../../../src/oss/rest/operations.ts';

describe('the action of an operation', () => {
  it.each([
    ['GetService', 'oss:ListBuckets'],
    ['GetBucket (ListObjects)', 'oss:ListObjects'],
    ['ListObjectsV2', 'oss:ListObjects'],
    ['HeadObject', 'oss:GetObject'],
    ['GetObject (hls/sign)', 'oss:GetObject'],
    ['GetObjectMeta (GET)', 'oss:GetObject'],
    ['CopyObject', 'oss:PutObject'],
    ['UploadPart', 'oss:PutObject'],
    ['AbortMultipartUpload', 'oss:AbortMultipartUpload'],
    ['PutObjectACL', 'oss:PutObjectAcl'],
    ['DeleteMultipleObjects', 'oss:DeleteObject'],
    ['GetBucketTags', 'oss:GetBucketTagging'],
    ['PutLiveChannel', 'oss:PutLiveChannel'],
    ['GetLiveChannelInfo', 'oss:GetLiveChannel'],
    ['PostVodPlaylist', 'oss:PostVodPlaylist'],
  ])('%s is %s', (name, action) => {
    expect(OPERATIONS.some((operation) => operation.name === name)).toBe(true);
    expect(policyAction({ name })).toBe(action);
  });

  it.each([
    ['HeadObject', 'oss:GetObjectVersion'],
    ['DeleteObject', 'oss:DeleteObjectVersion'],
    ['GetObjectACL', 'oss:GetObjectVersionAcl'],
    ['PutObjectTagging', 'oss:PutObjectVersionTagging'],
    ['PutObject', 'oss:PutObject'],
  ])('of %s with a version is %s', (name, action) => {
    expect(policyAction({ name }, true)).toBe(action);
  });

  it('is one word after oss: for every operation that is served', () => {
    const served = OPERATIONS.filter(({ handler }) => handler !== undefined);
    expect(
      served.map((operation) => policyAction(operation)).filter((action) => !/^oss:[A-Za-z0-9]+$/.test(action)),
    ).toEqual([]);
  });
});
