import { describe, expect, it } from 'vitest';
import {
  accessControlPolicy,
  corsConfigurationDocument,
  listAllMyBucketsResult,
  locationConstraint,
  readCorsConfiguration,
  readCreateBucketConfiguration,
  readRefererConfiguration,
  readTagging,
  refererConfigurationDocument,
  taggingDocument,
} from '../../../src/aliyun/xml/bucket-documents.ts';
import type { Bucket } from '../../../src/storage/metadata/records.ts';

const OWNER = { id: '1234', displayName: 'me' };
const PLACE = { region: 'cn-hangzhou', endpoint: '127.0.0.1:9000', intranetEndpoint: '127.0.0.1:9000' };
const BUCKET: Bucket = {
  name: 'examplebucket',
  acl: 'public-read',
  storageClass: 'Standard',
  createdMs: Date.parse('2024-12-31T23:45:00.5Z'),
  owner: '1234567890123456',
  configurations: {},
};

/** A document without declaration and indentation. */
function compact(document: string): string {
  expect(document.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n')).toBe(true);
  expect(document.endsWith('>\n')).toBe(true);
  return document.replace(/^.*\n/, '').replace(/>\n */g, '>');
}

describe('answers', () => {
  it('ListAllMyBucketsResult', () => {
    const bucket =
      '<Bucket><CreationDate>2024-12-31T23:45:00.000Z</CreationDate><ExtranetEndpoint>127.0.0.1:9000</ExtranetEndpoint><IntranetEndpoint>127.0.0.1:9000</IntranetEndpoint><Location>oss-cn-hangzhou</Location><Name>examplebucket</Name><Region>cn-hangzhou</Region><StorageClass>Standard</StorageClass></Bucket>';
    const owner = '<Owner><ID>1234</ID><DisplayName>me</DisplayName></Owner>';
    const list = { owner: OWNER, place: PLACE, buckets: [BUCKET, BUCKET] };
    expect(compact(listAllMyBucketsResult(list))).toBe(
      `<ListAllMyBucketsResult>${owner}<Buckets>${bucket}${bucket}</Buckets></ListAllMyBucketsResult>`,
    );
    const tagged = { ...BUCKET, tags: [{ key: 'a', value: '1' }] };
    expect(compact(listAllMyBucketsResult({ ...list, buckets: [tagged] }))).toContain(
      '<StorageClass>Standard</StorageClass><Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging></Bucket>',
    );
    const page = { prefix: 'e', marker: '', maxKeys: 1, nextMarker: 'examplebucket' };
    expect(compact(listAllMyBucketsResult({ ...list, buckets: [], page }))).toBe(
      `<ListAllMyBucketsResult><Prefix>e</Prefix><Marker></Marker><MaxKeys>1</MaxKeys><IsTruncated>true</IsTruncated><NextMarker>examplebucket</NextMarker>${owner}<Buckets></Buckets></ListAllMyBucketsResult>`,
    );
  });

  it('AccessControlPolicy', () => {
    expect(compact(accessControlPolicy(OWNER, 'public-read'))).toBe(
      '<AccessControlPolicy><Owner><ID>1234</ID><DisplayName>me</DisplayName></Owner><AccessControlList><Grant>public-read</Grant></AccessControlList></AccessControlPolicy>',
    );
  });

  it('LocationConstraint', () => {
    expect(compact(locationConstraint('cn-hangzhou'))).toBe('<LocationConstraint>oss-cn-hangzhou</LocationConstraint>');
  });
});

describe('configurations, as put and as got', () => {
  it('CORSConfiguration', () => {
    const body =
      '<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds></CORSRule><CORSRule><AllowedOrigin>http://a</AllowedOrigin><AllowedMethod>PUT</AllowedMethod></CORSRule><ResponseVary>true</ResponseVary></CORSConfiguration>';
    const configuration = readCorsConfiguration(Buffer.from(body), 65_536);
    expect(configuration.rules[0]).toEqual({
      allowedOrigins: ['*'],
      allowedMethods: ['GET', 'HEAD'],
      allowedHeaders: ['*'],
      exposeHeaders: ['ETag'],
      maxAgeSeconds: '600',
    });
    expect(configuration.rules[1]?.maxAgeSeconds).toBeUndefined();
    expect(compact(corsConfigurationDocument(configuration))).toBe(body);
  });

  it('RefererConfiguration', () => {
    const body =
      '<RefererConfiguration><AllowEmptyReferer>false</AllowEmptyReferer><AllowTruncateQueryString>true</AllowTruncateQueryString><TruncatePath>false</TruncatePath><RefererList><Referer>http://a</Referer><Referer>http://b</Referer></RefererList><RefererBlacklist><Referer>http://c</Referer></RefererBlacklist></RefererConfiguration>';
    const configuration = readRefererConfiguration(Buffer.from(body), 65_536);
    expect(configuration).toMatchObject({ referers: ['http://a', 'http://b'], blacklist: ['http://c'] });
    expect(compact(refererConfigurationDocument(configuration))).toBe(body);
    const empty = readRefererConfiguration(Buffer.from('<RefererConfiguration/>'), 65_536);
    expect(compact(refererConfigurationDocument(empty))).toBe(
      '<RefererConfiguration><AllowEmptyReferer>true</AllowEmptyReferer><AllowTruncateQueryString>true</AllowTruncateQueryString><TruncatePath>false</TruncatePath><RefererList></RefererList></RefererConfiguration>',
    );
  });

  it('Tagging', () => {
    const body =
      '<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value></Value></Tag></TagSet></Tagging>';
    const tags = readTagging(Buffer.from(body), 65_536);
    expect(tags).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '' },
    ]);
    expect(compact(taggingDocument(tags.map(({ key = '', value = '' }) => ({ key, value }))))).toBe(body);
    expect(readTagging(Buffer.from('<Tagging><TagSet><Tag/></TagSet></Tagging>'), 65_536)).toEqual([{}]);
  });

  it('CreateBucketConfiguration', () => {
    const body = '<CreateBucketConfiguration><StorageClass>IA</StorageClass></CreateBucketConfiguration>';
    expect(readCreateBucketConfiguration(Buffer.from(body), 65_536)).toEqual({ storageClass: 'IA' });
  });
});
