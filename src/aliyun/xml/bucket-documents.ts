/** The documents of bucket and service operations. Shapes: the pages of the operations named at each function. */
import type { Bucket, BucketAcl, ObjectAcl } from '../../storage/metadata/records.ts';
import { childOf, childrenOf, readXml, textOf, textsOf } from './read.ts';
import { writeXml, type XmlContent, xmlTime } from './write.ts';

/** The only resource group: every bucket is in it. */
export const DEFAULT_RESOURCE_GROUP = 'rg-default-id';

export interface Owner {
  readonly id: string;
  readonly displayName: string;
}

/** How clients address a bucket of this emulator. */
export interface BucketPlace {
  /** `cn-hangzhou` */
  readonly region: string;
  /** Host and port, without scheme. The Python SDK's own tests use it as their next endpoint. */
  readonly endpoint: string;
  /** For clients in the region; at a local emulator the same. */
  readonly intranetEndpoint: string;
}

export interface ListedBucket extends Pick<Bucket, 'name' | 'createdMs' | 'storageClass'> {
  readonly tags?: readonly TagInput[];
}

export interface BucketList {
  readonly owner: Owner;
  readonly place: BucketPlace;
  readonly buckets: readonly ListedBucket[];
  /** Only when the request names a resource group. */
  readonly resourceGroupId?: string | undefined;
  /** Only when a parameter was given or the list is truncated; otherwise the service leaves these elements out. */
  readonly page?: {
    readonly prefix: string;
    readonly marker: string;
    readonly maxKeys: number;
    /** The last name returned when more remain, otherwise empty. */
    readonly nextMarker: string;
  };
}

export interface CorsRule {
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds?: string | undefined;
}

export interface CorsDocument {
  readonly rules: readonly CorsRule[];
  readonly responseVary?: string | undefined;
}

export interface RefererDocument {
  readonly allowEmptyReferer?: string | undefined;
  readonly allowTruncateQueryString?: string | undefined;
  readonly truncatePath?: string | undefined;
  readonly referers: readonly string[];
  readonly blacklist: readonly string[];
}

export interface CreateBucketInput {
  readonly storageClass?: string | undefined;
  readonly dataRedundancyType?: string | undefined;
}

export interface TagInput {
  readonly key?: string | undefined;
  readonly value?: string | undefined;
}

/** ListBuckets. */
export function listAllMyBucketsResult({ owner, place, buckets, resourceGroupId, page }: BucketList): string {
  return writeXml('ListAllMyBucketsResult', {
    Prefix: page?.prefix,
    Marker: page?.marker,
    MaxKeys: page?.maxKeys,
    IsTruncated: page && page.nextMarker !== '',
    NextMarker: page?.nextMarker,
    Owner: { ID: owner.id, DisplayName: owner.displayName },
    Buckets: {
      Bucket: buckets.map((bucket) => ({
        CreationDate: xmlTime(bucket.createdMs),
        ...placeElements(place),
        Name: bucket.name,
        Region: place.region,
        StorageClass: bucket.storageClass,
        ResourceGroupId: resourceGroupId,
        Tagging: bucket.tags && taggingElements(bucket.tags),
      })),
    },
  });
}

/** GetBucketAcl and GetObjectACL. */
export function accessControlPolicy(owner: Owner, acl: BucketAcl | ObjectAcl): string {
  return writeXml('AccessControlPolicy', {
    Owner: { ID: owner.id, DisplayName: owner.displayName },
    AccessControlList: { Grant: acl },
  });
}

/** GetBucketLocation. */
export function locationConstraint(region: string): string {
  return writeXml('LocationConstraint', `oss-${region}`);
}

/**
 * The optional body of PutBucket.
 *
 * @throws OssError MalformedXML when it is not such a document
 */
export function readCreateBucketConfiguration(body: Buffer, maxBytes: number): CreateBucketInput {
  const root = readXml(body, 'CreateBucketConfiguration', maxBytes);
  return { storageClass: textOf(root, 'StorageClass'), dataRedundancyType: textOf(root, 'DataRedundancyType') };
}

/**
 * PutBucketCors.
 *
 * @throws OssError MalformedXML when it is not such a document
 */
export function readCorsConfiguration(body: Buffer, maxBytes: number): CorsDocument {
  const root = readXml(body, 'CORSConfiguration', maxBytes);
  return {
    rules: childrenOf(root, 'CORSRule').map((rule) => ({
      allowedOrigins: textsOf(rule, 'AllowedOrigin'),
      allowedMethods: textsOf(rule, 'AllowedMethod'),
      allowedHeaders: textsOf(rule, 'AllowedHeader'),
      exposeHeaders: textsOf(rule, 'ExposeHeader'),
      maxAgeSeconds: textOf(rule, 'MaxAgeSeconds'),
    })),
    responseVary: textOf(root, 'ResponseVary'),
  };
}

/** GetBucketCors. */
export function corsConfigurationDocument({ rules, responseVary }: CorsDocument): string {
  return writeXml('CORSConfiguration', {
    CORSRule: rules.map((rule) => ({
      AllowedOrigin: rule.allowedOrigins,
      AllowedMethod: rule.allowedMethods,
      AllowedHeader: rule.allowedHeaders,
      ExposeHeader: rule.exposeHeaders,
      MaxAgeSeconds: rule.maxAgeSeconds,
    })),
    ResponseVary: responseVary ?? 'false',
  });
}

/**
 * PutBucketReferer.
 *
 * @throws OssError MalformedXML when it is not such a document
 */
export function readRefererConfiguration(body: Buffer, maxBytes: number): RefererDocument {
  const root = readXml(body, 'RefererConfiguration', maxBytes);
  return {
    allowEmptyReferer: textOf(root, 'AllowEmptyReferer'),
    allowTruncateQueryString: textOf(root, 'AllowTruncateQueryString'),
    truncatePath: textOf(root, 'TruncatePath'),
    referers: textsOf(childOf(root, 'RefererList'), 'Referer'),
    blacklist: textsOf(childOf(root, 'RefererBlacklist'), 'Referer'),
  };
}

/** GetBucketReferer. */
export function refererConfigurationDocument(referer: RefererDocument): string {
  return writeXml('RefererConfiguration', {
    AllowEmptyReferer: referer.allowEmptyReferer ?? 'true',
    AllowTruncateQueryString: referer.allowTruncateQueryString ?? 'true',
    TruncatePath: referer.truncatePath ?? 'false',
    RefererList: { Referer: referer.referers },
    RefererBlacklist: referer.blacklist.length > 0 ? { Referer: referer.blacklist } : undefined,
  });
}

/**
 * PutBucketTags and PutObjectTagging.
 *
 * @throws OssError MalformedXML when it is not such a document
 */
export function readTagging(body: Buffer, maxBytes: number): readonly TagInput[] {
  const root = readXml(body, 'Tagging', maxBytes);
  const tags = childrenOf(childOf(root, 'TagSet'), 'Tag');
  return tags.map((tag) => ({ key: textOf(tag, 'Key'), value: textOf(tag, 'Value') }));
}

/** GetBucketTags and GetObjectTagging. */
export function taggingDocument(tags: readonly TagInput[]): string {
  return writeXml('Tagging', taggingElements(tags));
}

/** These are part of ListBuckets and GetBucketInfo. */
export function placeElements(place: BucketPlace): Readonly<Record<string, XmlContent>> {
  return {
    ExtranetEndpoint: place.endpoint,
    IntranetEndpoint: place.intranetEndpoint,
    Location: `oss-${place.region}`,
  };
}

function taggingElements(tags: readonly TagInput[]): XmlContent {
  return { TagSet: { Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })) } };
}
