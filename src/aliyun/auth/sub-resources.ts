/**
 * The query parameters that V1 signs. Each SDK carries its own list; this is the union of those of the Go (both
 * generations), Python, PHP, Java, C, C++ and C# SDKs and of the "Include signatures in the Authorization header" page.
 * Node signs what each method declares as a sub-resource, which is always one of these.
 */

/** Each makes another operation of the request. */
const SELECTING: ReadonlySet<string> = new Set(
  `accessPoint accessPointConfigForObjectProcess accessPointForObjectProcess accessPointPolicy
  accessPointPolicyForObjectProcess acl append asyncFetch bucketArchiveDirectRead bucketInfo cloudboxes cname cors
  dataPipeline delete encryption group httpsConfig img inventory legalHold lifecycle link live location logging
  metadataConfiguration metadataInventoryTable metadataJournalTable metaQuery objectInfo objectMeta objectWorm
  overwriteConfig policy policyStatus processConfiguration publicAccessBlock qos qosInfo quota redundancyTransition
  referer regionList replication replicationLocation replicationProgress requesterQosInfo requestPayment
  resourceGroup resourcePool resourcePoolBuckets resourcePoolInfo responseHeader restore retention rtc seal stat
  style symlink tagging transferAcceleration udf udfApplication udfApplicationLog udfImage udfImageDesc uploads
  userDefinedLogFieldsConfig versioning versions vod website worm wormExtend wormId`.split(/\s+/),
);

/** These say more about the operation of a request. */
const QUALIFYING: ReadonlySet<string> = new Set(
  `callback callback-var comp continuation-token endTime inventoryId partNumber position qosRequester
  response-cache-control response-content-disposition response-content-encoding response-content-language
  response-content-type response-expires security-token sequential startTime status styleName udfId udfName uploadId
  versionId vip vpcip withHashContext x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id
  x-oss-access-point-name x-oss-async-process x-oss-delete x-oss-dir x-oss-enable-md5 x-oss-enable-sha1
  x-oss-enable-sha256 x-oss-hash-ctx x-oss-md5-ctx x-oss-process x-oss-redundancy-transition-taskid x-oss-rename
  x-oss-request-payer x-oss-security-token x-oss-sign-origin-only x-oss-target-redundancy-type x-oss-traffic-limit
  x-oss-write-get-object-response`.split(/\s+/),
);

export function isSubResource(name: string): boolean {
  return SELECTING.has(name) || QUALIFYING.has(name);
}

/** Whether a request with this parameter means another operation than the same request without it. */
export function selectsOperation(name: string): boolean {
  return SELECTING.has(name);
}
