import { expect, it } from 'vitest';
import { bucketInfoDocument, bucketStatDocument } from '../../../src/aliyun/xml/bucket-info-documents.ts';
import type { Bucket } from '../../../src/storage/metadata/records.ts';

const OWNER = { id: '1234', displayName: 'me' };
const PLACE = { region: 'cn-hangzhou', endpoint: '127.0.0.1:9000', intranetEndpoint: '127.0.0.1:9001' };
const BUCKET: Bucket = {
  name: 'examplebucket',
  acl: 'public-read',
  storageClass: 'Standard',
  createdMs: Date.parse('2024-12-31T23:45:00.5Z'),
  owner: '1234',
  configurations: {},
};
const USAGE = {
  deleteMarkerCount: 3,
  objectCount: 5,
  storageBytes: 500,
  liveChannelCount: 4,
  multipartUploadCount: 3,
  multipartPartCount: 7,
};

function compact(document: string): string {
  return document.replace(/^.*\n/, '').replace(/>\n */g, '>');
}

it('BucketInfo has every element that is always there', () => {
  expect(compact(bucketInfoDocument(BUCKET, OWNER, PLACE, {}))).toBe(
    '<BucketInfo><Bucket><AccessMonitor>Disabled</AccessMonitor><CreationDate>2024-12-31T23:45:00.000Z</CreationDate><ExtranetEndpoint>127.0.0.1:9000</ExtranetEndpoint><IntranetEndpoint>127.0.0.1:9001</IntranetEndpoint><Location>oss-cn-hangzhou</Location><StorageClass>Standard</StorageClass><TransferAcceleration>Disabled</TransferAcceleration><CrossRegionReplication>Disabled</CrossRegionReplication><Name>examplebucket</Name><ResourceGroupId>rg-default-id</ResourceGroupId><Owner><DisplayName>me</DisplayName><ID>1234</ID></Owner><AccessControlList><Grant>public-read</Grant></AccessControlList><ServerSideEncryptionRule><SSEAlgorithm>None</SSEAlgorithm></ServerSideEncryptionRule><Comment></Comment><DataRedundancyType>LRS</DataRedundancyType></Bucket></BucketInfo>',
  );
});

it('BucketInfo shows what is configured', () => {
  const document = bucketInfoDocument(BUCKET, OWNER, PLACE, {
    redundancy: { type: 'ZRS' },
    versioning: { status: 'Suspended' },
    accessMonitor: { status: 'Enabled' },
    encryption: { algorithm: 'KMS', keyId: 'k', dataAlgorithm: 'SM4' },
  });
  for (const element of [
    '<AccessMonitor>Enabled</AccessMonitor>',
    '<Versioning>Suspended</Versioning>',
    '<DataRedundancyType>ZRS</DataRedundancyType>',
    '<SSEAlgorithm>KMS</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID><KMSDataEncryption>SM4</KMSDataEncryption>',
  ]) {
    expect(compact(document)).toContain(element);
  }
});

it('BucketStat has the elements of every class', () => {
  expect(compact(bucketStatDocument('Standard', USAGE, [], 1_735_688_700_999))).toBe(
    '<BucketStat><Storage>500</Storage><ObjectCount>5</ObjectCount><MultipartUploadCount>3</MultipartUploadCount><LiveChannelCount>4</LiveChannelCount><LastModifiedTime>1735688700</LastModifiedTime><StandardStorage>500</StandardStorage><StandardObjectCount>5</StandardObjectCount><InfrequentAccessStorage>0</InfrequentAccessStorage><InfrequentAccessRealStorage>0</InfrequentAccessRealStorage><InfrequentAccessObjectCount>0</InfrequentAccessObjectCount><ArchiveStorage>0</ArchiveStorage><ArchiveRealStorage>0</ArchiveRealStorage><ArchiveObjectCount>0</ArchiveObjectCount><ColdArchiveStorage>0</ColdArchiveStorage><ColdArchiveRealStorage>0</ColdArchiveRealStorage><ColdArchiveObjectCount>0</ColdArchiveObjectCount><DeepColdArchiveStorage>0</DeepColdArchiveStorage><DeepColdArchiveRealStorage>0</DeepColdArchiveRealStorage><DeepColdArchiveObjectCount>0</DeepColdArchiveObjectCount><MultipartPartCount>7</MultipartPartCount><DeleteMarkerCount>3</DeleteMarkerCount></BucketStat>',
  );
});

it('BucketStat counts objects by their own class, or else by that of the bucket', () => {
  const ownClasses = [
    { storageClass: 'Standard', objectCount: 1, storageBytes: 100 },
    { storageClass: 'DeepColdArchive', objectCount: 2, storageBytes: 50 },
  ];
  const document = compact(bucketStatDocument('IA', USAGE, ownClasses, 0));
  expect(document).toContain('<StandardStorage>100</StandardStorage><StandardObjectCount>1</StandardObjectCount>');
  expect(document).toContain('<InfrequentAccessStorage>350</InfrequentAccessStorage>');
  expect(document).toContain('<InfrequentAccessObjectCount>2</InfrequentAccessObjectCount>');
  expect(document).toContain('<DeepColdArchiveRealStorage>50</DeepColdArchiveRealStorage>');
  expect(document).toContain('<DeepColdArchiveObjectCount>2</DeepColdArchiveObjectCount>');
});
