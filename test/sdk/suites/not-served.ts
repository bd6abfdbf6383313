/**
 * What the emulator will not serve, because programs seldom need it and each would make it larger: by family, with the
 * names of the operations in `src/oss/rest/operations.ts`. Tests of these are left out.
 */
export const NOT_SERVED: Readonly<Record<string, readonly string[]>> = {
  'SelectObject and processing of images and documents': [
    'GetObject (image and document processing)',
    'ProcessObject, SelectObject',
    'AsyncProcessObject',
  ],
  replication: [
    'PutBucketReplication',
    'GetBucketReplication',
    'DeleteBucketReplication',
    'GetBucketReplicationLocation',
    'GetBucketReplicationProgress',
    'PutBucketRTC',
  ],
  'access points': [
    'ListAccessPoints',
    'CreateAccessPoint',
    'GetAccessPoint',
    'DeleteAccessPoint',
    'PutAccessPointPolicy',
    'GetAccessPointPolicy',
    'DeleteAccessPointPolicy',
  ],
  'meta query': ['OpenMetaQuery', 'GetMetaQueryStatus', 'DoMetaQuery', 'CloseMetaQuery'],
  'async fetch': ['PutAsyncFetchTask', 'GetAsyncFetchTask'],
  inventory: ['PutBucketInventory', 'GetBucketInventory', 'ListBucketInventory', 'DeleteBucketInventory'],
  logging: ['PutBucketLogging', 'GetBucketLogging', 'DeleteBucketLogging'],
  WORM: ['InitiateBucketWorm', 'GetBucketWorm', 'AbortBucketWorm', 'CompleteBucketWorm', 'ExtendBucketWorm'],
  styles: ['PutStyle', 'GetStyle', 'ListStyle', 'DeleteStyle'],
  QoS: [
    'PutBucketQosInfo',
    'GetBucketQosInfo',
    'DeleteBucketQosInfo',
    'PutBucketStorageCapacity',
    'GetBucketStorageCapacity',
    'ListResourcePools',
  ],
  'resource groups': ['PutBucketResourceGroup', 'GetBucketResourceGroup'],
  'HTTPS configuration': ['PutBucketHttpsConfig', 'GetBucketHttpsConfig'],
  'transfer acceleration': ['PutBucketTransferAcceleration', 'GetBucketTransferAcceleration'],
  regions: ['DescribeRegions'],
  'CNAME tokens': ['CreateCnameToken', 'GetCnameToken', 'PutCname', 'ListCname', 'DeleteCname'],
  'archive direct read': ['PutBucketArchiveDirectRead', 'GetBucketArchiveDirectRead'],
  'redundancy transition': [
    'ListUserDataRedundancyTransition',
    'CreateBucketDataRedundancyTransition',
    'GetBucketDataRedundancyTransition',
    'DeleteBucketDataRedundancyTransition',
  ],
};
