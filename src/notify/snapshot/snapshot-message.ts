import { hostOf } from '../../net/socket-addresses.ts';

/**
 * The message about a stored picture. The format of the service is not published. The emulator sends an OSS event
 * notification, the only message that OSS is known to send to MNS topics ("Event notification" page): JSON in base64.
 */
export interface StoredPicture {
  readonly region: string;
  readonly accountId: string;
  /** The bucket and key of the picture. */
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly storedMs: number;
  /** `ip:port` of the publisher. */
  readonly remoteAddr: string;
  readonly requestId: string;
}

/** Distinguishes these messages from those of rules that a user created. */
const SNAPSHOT_RULE_ID = 'live-channel-snapshot';

export function snapshotMessage(picture: StoredPicture): string {
  const { region, accountId, bucket, key, etag, sizeBytes } = picture;
  const event = {
    eventName: 'ObjectCreated:PutObject',
    eventSource: 'acs:oss',
    eventTime: new Date(picture.storedMs).toISOString(),
    eventVersion: '1.0',
    oss: {
      bucket: { arn: `acs:oss:${region}:${accountId}:${bucket}`, name: bucket, ownerIdentity: accountId },
      object: { deltaSize: sizeBytes, eTag: etag, key, size: sizeBytes },
      ossSchemaVersion: '1.0',
      ruleId: SNAPSHOT_RULE_ID,
    },
    region,
    requestParameters: { sourceIPAddress: hostOf(picture.remoteAddr).replace(/^\[|\]$/g, '') },
    responseElements: { requestId: picture.requestId },
    userIdentity: { principalId: accountId },
  };
  return Buffer.from(JSON.stringify({ events: [event] })).toString('base64');
}
