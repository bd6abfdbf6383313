import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OssError } from '../../../src/base/errors.ts';
import { createDetect } from '../../../src/oss/rest/detect.ts';
import { selectorsOf } from '../../../src/oss/rest/operation.ts';
import { OPERATIONS } from '../../../src/oss/rest/operations.ts';

const detect = createDetect(OPERATIONS);

function nameOf(method: string, path: string, query = '', headers: Record<string, string> = {}): string {
  const [bucket = '', ...rest] = path.split('/');
  return detect({
    method,
    resource: { bucket, key: rest.join('/') },
    query: new Map(new URLSearchParams(query)),
    headers: new Map(Object.entries(headers)),
  }).name;
}

describe('detect', () => {
  it.each([
    ['GET', '', '', 'GetService'],
    ['GET', 'b', '', 'GetBucket (ListObjects)'],
    ['GET', 'b', 'list-type=2', 'ListObjectsV2'],
    ['GET', 'b', 'list-type=1', 'GetBucket (ListObjects)'],
    ['GET', 'b', 'prefix=live&marker=vod', 'GetBucket (ListObjects)'],
    ['GET', 'b', 'live', 'ListLiveChannel'],
    ['GET', 'b/c', 'live=', 'GetLiveChannelInfo'],
    ['GET', 'b/c', 'comp=stat&live', 'GetLiveChannelStat'],
    ['GET', 'b/c', 'live=&comp=history', 'GetLiveChannelHistory'],
    ['PUT', 'b/c', 'live&status=disabled', 'PutLiveChannelStatus'],
    ['PUT', 'b/c', 'status=&live', 'PutLiveChannelStatus'],
    ['PUT', 'b', 'live', 'PutLiveChannel'],
    ['DELETE', 'b/c', 'live', 'DeleteLiveChannel'],
    ['POST', 'b/c/p.m3u8', 'endTime=2&startTime=1&vod', 'PostVodPlaylist'],
    ['GET', 'b/c', 'vod', 'GetVodPlaylist'],
    ['PUT', 'b/k', 'partNumber=1&uploadId=2', 'UploadPart'],
    ['GET', 'b/k', 'x-oss-process=hls/sign', 'GetObject (hls/sign)'],
    ['GET', 'b/k', 'x-oss-process=hls/sign,live_1', 'GetObject (hls/sign)'],
    ['GET', 'b/k', 'x-oss-process=hls/signature', 'GetObject (image and document processing)'],
    ['GET', 'b/k', 'versionId=1&response-content-type=a', 'GetObject'],
    ['POST', 'b', 'replication&comp=add', 'PutBucketReplication'],
    ['GET', '', 'regionList', 'GetService (by regions)'],
    ['GET', '', 'qosInfo', 'GetUserQosInfo'],
    ['GET', '', 'resourcePool&max-keys=2', 'ListResourcePools'],
    ['GET', '', 'requesterQosInfo&resourcePool=a', 'ListResourcePoolRequesterQoSInfos'],
    ['GET', '', 'requesterQosInfo&resourcePool=a&qosRequester=1', 'GetResourcePoolRequesterQoSInfo'],
    ['GET', 'b', 'requesterQosInfo&max-keys=2', 'ListBucketRequesterQoSInfos'],
    ['GET', 'b', 'requesterQosInfo&qosRequester=1', 'GetBucketRequesterQoSInfo'],
  ])('%s %s ?%s is %s', (method, path, query, name) => {
    expect(nameOf(method, path, query)).toBe(name);
  });

  it('tells a copy by its header', () => {
    const headers = { 'x-oss-copy-source': '/b/s' };
    expect(nameOf('PUT', 'b/k', '', headers)).toBe('CopyObject');
    expect(nameOf('PUT', 'b/k', 'partNumber=1&uploadId=2', headers)).toBe('UploadPartCopy');
    expect(nameOf('GET', 'b/k', '', headers)).toBe('GetObject');
  });

  it.each([
    ['POST', 'b/c', 'live', 'PUT, DELETE, GET'],
    ['HEAD', 'b/c', 'live', 'PUT, DELETE, GET'],
    ['DELETE', 'b/c', 'vod', 'POST, GET'],
    ['DELETE', 'b/k', 'acl', 'PUT, GET'],
    ['PUT', 'b/k', 'append&position=0', 'POST'],
    ['GET', 'b', 'delete', 'POST'],
    ['PATCH', 'b/k', '', 'PUT, GET, HEAD, DELETE'],
    ['PUT', '', '', 'GET'],
  ])('refuses %s %s ?%s and allows %s', (method, path, query, allow) => {
    expect(() => nameOf(method, path, query)).toThrow(
      expect.objectContaining({ code: 'MethodNotAllowed', ec: '0017-00000001', headers: { allow } }),
    );
  });

  it.each([
    ['GET', '', 'udf'],
    ['GET', '', 'acl'],
    ['GET', 'b', 'udfApplication&udfName=1'],
    ['PUT', 'b', 'udfApplication&udfName=1'],
    ['GET', 'b', 'processConfiguration'],
    ['GET', 'b', 'regions'],
    ['PUT', 'b', 'policy&comp=other'],
    ['GET', 'b', 'cors&comp=other'],
    ['GET', 'b/k', 'objectInfo'],
    ['PUT', 'b/k', 'udf'],
    ['DELETE', 'b/k', 'lifecycle'],
    ['POST', 'b', 'img'],
    ['PUT', 'b', 'overwriteConfig'],
    ['PUT', 'b/k', 'legalHold'],
    ['PUT', 'b/k', 'retention'],
    ['GET', 'b', 'cors&referer'],
  ])('refuses %s %s ?%s, which is another operation', (method, path, query) => {
    expect(() => nameOf(method, path, query)).toThrow(
      expect.objectContaining({
        code: 'NotImplemented',
        status: 501,
        message: expect.stringContaining(query.replace(/&udf.*/, '')),
      }),
    );
  });

  it.each([
    ['GET', '', 'utm_source=a&list-type=2', 'GetService'],
    ['GET', 'b', 'x-oss-process=a&tag-key=b', 'GetBucket (ListObjects)'],
    [
      'GET',
      'b/k',
      'comp=a&status=1&startTime=2&position=3&versionId=4&response-expires=a&x-oss-traffic-limit=1',
      'GetObject',
    ],
    ['HEAD', 'b/k', 'utm_source=a', 'HeadObject'],
    ['PUT', 'b/k', 'callback=a&callback-var=b&security-token=c', 'PutObject'],
    ['POST', 'b/k', 'uploads&sequential', 'InitiateMultipartUpload'],
  ])('%s %s ?%s names no other operation', (method, path, query, name) => {
    expect(nameOf(method, path, query)).toBe(name);
  });

  it('finds every operation of the table by its own shape', () => {
    for (const operation of OPERATIONS) {
      const { name, method, level, select, header } = operation;
      const path = { service: '', bucket: 'b', object: 'b/k', channel: 'b/c' }[level];
      const headers = header === undefined ? {} : { [header]: '/b/k' };
      expect(nameOf(method, path, select, headers), name).toBe(name);
    }
  });

  it('finds an operation or refuses, whatever the parameters', () => {
    const names = [...new Set(OPERATIONS.flatMap((operation) => selectorsOf(operation).map(({ name }) => name)))];
    const query = fc.dictionary(fc.constantFrom(...names), fc.constantFrom('', 'add', 'stat', '2'));
    const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH');
    fc.assert(
      fc.property(method, fc.constantFrom('', 'b', 'b/k'), query, (verb, path, parameters) => {
        try {
          return nameOf(verb, path, new URLSearchParams(parameters).toString()) !== '';
        } catch (error) {
          return error instanceof OssError && ['MethodNotAllowed', 'NotImplemented'].includes(error.code);
        }
      }),
    );
  });
});

it('the table names every operation once', () => {
  const names = OPERATIONS.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
