import { describe, expect, it } from 'vitest';
import {
  completeMultipartUploadResult,
  copyObjectResult,
  copyPartResult,
  deleteResult,
  initiateMultipartUploadResult,
  listBucketResult,
  listBucketResultV2,
  listMultipartUploadsResult,
  listPartsResult,
  readCompleteMultipartUpload,
  readDelete,
} from '../../../src/aliyun/xml/object-documents.ts';
import type { ObjectListing } from '../../../src/storage/metadata/metadata-store.ts';
import type { MultipartUpload, ObjectRecord } from '../../../src/storage/metadata/records.ts';

const TIME_MS = Date.parse('2024-12-31T23:45:00.999Z');
const TIME = '2024-12-31T23:45:00.000Z';
const OBJECT: ObjectRecord = {
  bucket: 'b',
  key: 'a b/1.ts',
  type: 'Normal',
  sizeBytes: 188,
  etag: 'AB12',
  lastModifiedMs: TIME_MS,
  acl: 'default',
  location: '',
  crc64: null,
  versionId: 'null',
  contentMd5: null,
  headers: {},
  restore: null,
  accessedMs: null,
};
const ENTRIES: readonly ObjectListing[] = [{ object: OBJECT }, { commonPrefix: 'c/' }, { object: OBJECT }];
const OWNER = { id: '1', displayName: 'me' };

/** A document without declaration and indentation. */
function compact(document: string): string {
  return document.replace(/^.*\n/, '').replace(/>\n */g, '>');
}

function contents(key: string, owner: string): string {
  return `<Contents><Key>${key}</Key><LastModified>${TIME}</LastModified><ETag>"AB12"</ETag><Type>Normal</Type><Size>188</Size><StorageClass>Standard</StorageClass>${owner}</Contents>`;
}

describe('listing', () => {
  const base = {
    bucket: 'b',
    prefix: '',
    delimiter: '/',
    maxKeys: 3,
    storageClass: 'Standard',
    nowMs: 0,
    entries: ENTRIES,
  };
  const owner = '<Owner><ID>1</ID><DisplayName>me</DisplayName></Owner>';

  it('ListBucketResult', () => {
    const file = contents('a b/1.ts', owner);
    expect(compact(listBucketResult({ ...base, owner: OWNER, marker: '' }))).toBe(
      `<ListBucketResult><Name>b</Name><Prefix></Prefix><Marker></Marker><MaxKeys>3</MaxKeys><Delimiter>/</Delimiter><IsTruncated>false</IsTruncated>${file}${file}<CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes></ListBucketResult>`,
    );
  });

  it('ListBucketResult, percent-encoded and truncated', () => {
    const list = { ...base, owner: OWNER, prefix: 'a b', marker: 'a+', nextMarker: 'c/', encodingType: 'url' } as const;
    const file = contents('a%20b%2F1.ts', owner);
    expect(compact(listBucketResult(list))).toBe(
      `<ListBucketResult><Name>b</Name><Prefix>a%20b</Prefix><Marker>a%2B</Marker><MaxKeys>3</MaxKeys><Delimiter>%2F</Delimiter><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextMarker>c%2F</NextMarker>${file}${file}<CommonPrefixes><Prefix>c%2F</Prefix></CommonPrefixes></ListBucketResult>`,
    );
  });

  it('ListBucketResult, version 2', () => {
    const file = contents('a b/1.ts', '');
    const files = `${file}${file}<CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes><KeyCount>3</KeyCount>`;
    expect(compact(listBucketResultV2({ ...base, delimiter: '' }))).toBe(
      `<ListBucketResult><Name>b</Name><Prefix></Prefix><MaxKeys>3</MaxKeys><IsTruncated>false</IsTruncated>${files}</ListBucketResult>`,
    );
    const more = { startAfter: 'a', continuationToken: 't', nextContinuationToken: 'u' };
    expect(compact(listBucketResultV2({ ...base, ...more }))).toBe(
      `<ListBucketResult><Name>b</Name><Prefix></Prefix><StartAfter>a</StartAfter><ContinuationToken>t</ContinuationToken><MaxKeys>3</MaxKeys><Delimiter>/</Delimiter><IsTruncated>true</IsTruncated><NextContinuationToken>u</NextContinuationToken>${files}</ListBucketResult>`,
    );
    expect(listBucketResultV2({ ...base, owner: OWNER })).toContain('<DisplayName>me</DisplayName>');
  });
});

describe('copying and deleting', () => {
  it('CopyObjectResult', () => {
    expect(compact(copyObjectResult(OBJECT))).toBe(
      `<CopyObjectResult><ETag>"AB12"</ETag><LastModified>${TIME}</LastModified></CopyObjectResult>`,
    );
  });

  it('Delete', () => {
    const body =
      '<?xml version="1.0"?><Delete><Quiet>true</Quiet><Object><Key> a &amp; b </Key></Object><Object><Key>c</Key><VersionId>v</VersionId></Object><Object/></Delete>';
    expect(readDelete(Buffer.from(body), 2_000_000)).toEqual({
      quiet: 'true',
      objects: [{ key: ' a & b ' }, { key: 'c', versionId: 'v' }, {}],
    });
  });

  it('DeleteResult', () => {
    expect(compact(deleteResult([{ key: 'a b' }, { key: 'c', versionId: 'V', markerVersionId: 'M' }]))).toBe(
      '<DeleteResult><Deleted><Key>a b</Key></Deleted><Deleted><Key>c</Key><VersionId>V</VersionId>' +
        '<DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>M</DeleteMarkerVersionId></Deleted></DeleteResult>',
    );
    expect(compact(deleteResult([{ key: 'a b' }], 'url'))).toBe(
      '<DeleteResult><EncodingType>url</EncodingType><Deleted><Key>a%20b</Key></Deleted></DeleteResult>',
    );
  });
});

describe('multipart upload', () => {
  const upload: MultipartUpload = {
    bucket: 'b',
    key: 'k',
    uploadId: 'U',
    initiatedMs: TIME_MS,
    acl: 'default',
    headers: {},
    sequential: false,
  };

  it('InitiateMultipartUploadResult', () => {
    expect(compact(initiateMultipartUploadResult(upload))).toBe(
      '<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>U</UploadId></InitiateMultipartUploadResult>',
    );
  });

  it('CompleteMultipartUpload and its result', () => {
    const body =
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"X"</ETag></Part><Part/></CompleteMultipartUpload>';
    expect(readCompleteMultipartUpload(Buffer.from(body), 65_536)).toEqual({
      parts: [{ partNumber: '1', etag: '"X"' }, {}],
    });
    expect(compact(completeMultipartUploadResult(OBJECT, 'http://h/b/k', 'url'))).toBe(
      '<CompleteMultipartUploadResult><EncodingType>url</EncodingType><Location>http://h/b/k</Location><Bucket>b</Bucket><Key>a%20b%2F1.ts</Key><ETag>"AB12"</ETag></CompleteMultipartUploadResult>',
    );
  });

  it('ListMultipartUploadsResult', () => {
    const list = {
      bucket: 'b',
      prefix: '',
      keyMarker: '',
      uploadIdMarker: '',
      delimiter: '',
      maxUploads: 1,
      storageClass: 'Standard',
      truncated: false,
    };
    expect(compact(listMultipartUploadsResult({ ...list, entries: [] }))).toBe(
      '<ListMultipartUploadsResult><Bucket>b</Bucket><KeyMarker></KeyMarker><UploadIdMarker></UploadIdMarker><NextKeyMarker></NextKeyMarker><NextUploadIdMarker></NextUploadIdMarker><Delimiter></Delimiter><Prefix></Prefix><MaxUploads>1</MaxUploads><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>',
    );
    expect(compact(listMultipartUploadsResult({ ...list, entries: [{ upload }], truncated: true }))).toContain(
      `<NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>U</NextUploadIdMarker><Delimiter></Delimiter><Prefix></Prefix><MaxUploads>1</MaxUploads><IsTruncated>true</IsTruncated><Upload><Key>k</Key><UploadId>U</UploadId><StorageClass>Standard</StorageClass><Initiated>${TIME}</Initiated></Upload>`,
    );
    const entries = [
      { upload: { ...upload, headers: { 'x-oss-storage-class': 'IA' } } },
      { commonPrefix: 'k/\u0001/' },
    ];
    const grouped = compact(listMultipartUploadsResult({ ...list, delimiter: '/', entries, truncated: true }));
    expect(grouped).toContain('<NextKeyMarker>k/\u0001/</NextKeyMarker><NextUploadIdMarker></NextUploadIdMarker>');
    expect(grouped).toContain('<Delimiter>/</Delimiter>');
    expect(grouped).toContain('<StorageClass>IA</StorageClass>');
    expect(grouped).toContain('</Upload><CommonPrefixes><Prefix>k/\u0001/</Prefix></CommonPrefixes>');
  });

  it('ListPartsResult', () => {
    const part = { partNumber: 7, lastModifiedMs: TIME_MS, etag: 'X', crc64: '99', sizeBytes: 5 };
    const list = { bucket: 'b', key: 'k', uploadId: 'U', partNumberMarker: 6, maxParts: 1, storageClass: 'Standard' };
    expect(compact(listPartsResult({ ...list, parts: [part], truncated: true }))).toBe(
      `<ListPartsResult><Bucket>b</Bucket><Key>k</Key><UploadId>U</UploadId><StorageClass>Standard</StorageClass><PartNumberMarker>6</PartNumberMarker><NextPartNumberMarker>7</NextPartNumberMarker><MaxParts>1</MaxParts><IsTruncated>true</IsTruncated><Part><PartNumber>7</PartNumber><LastModified>${TIME}</LastModified><ETag>"X"</ETag><HashCrc64ecma>99</HashCrc64ecma><Size>5</Size></Part></ListPartsResult>`,
    );
    expect(listPartsResult({ ...list, parts: [], truncated: false })).toContain('<NextPartNumberMarker>6<');
  });

  it('CopyPartResult', () => {
    const part = { etag: 'X', lastModifiedMs: TIME_MS };
    expect(compact(copyPartResult(part))).toBe(
      `<CopyPartResult><LastModified>${TIME}</LastModified><ETag>"X"</ETag></CopyPartResult>`,
    );
  });
});
