/**
 * The query parameters that V1 signs. Each SDK carries its own list; this is the union of those of the Go, Python, PHP,
 * Java, C, C++ and C# SDKs and of the "Include signatures in the Authorization header" page. Node signs what each
 * method declares as a sub-resource, which is always one of these.
 */
const SUB_RESOURCES: ReadonlySet<string> = new Set(
  `accessPoint accessPointPolicy acl append asyncFetch bucketArchiveDirectRead bucketInfo callback callback-var
  cloudboxes cname comp continuation-token cors delete encryption endTime group httpsConfig img inventory inventoryId
  lifecycle link live location logging metaQuery objectInfo objectMeta partNumber policy policyStatus position
  processConfiguration publicAccessBlock qos qosInfo qosRequester redundancyTransition referer regionList replication
  replicationLocation replicationProgress requestPayment requesterQosInfo resourceGroup resourcePool
  resourcePoolBuckets resourcePoolInfo response-cache-control response-content-disposition response-content-encoding
  response-content-language response-content-type response-expires responseHeader restore rtc seal security-token
  sequential startTime stat status style styleName symlink tagging transferAcceleration udf udfApplication
  udfApplicationLog udfId udfImage udfImageDesc udfName uploadId uploads versionId versioning versions vip vod vpcip
  website withHashContext worm wormExtend wormId x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask
  x-oss-ac-vpc-id x-oss-access-point-name x-oss-async-process x-oss-delete x-oss-dir x-oss-enable-md5
  x-oss-enable-sha1 x-oss-enable-sha256 x-oss-hash-ctx x-oss-md5-ctx x-oss-process
  x-oss-redundancy-transition-taskid x-oss-rename x-oss-request-payer x-oss-security-token x-oss-sign-origin-only
  x-oss-target-redundancy-type x-oss-traffic-limit x-oss-write-get-object-response`.split(/\s+/),
);

export function isSubResource(name: string): boolean {
  return SUB_RESOURCES.has(name);
}
