import { expect, it } from 'vitest';
import { snapshotMessage } from '../../../src/notify/snapshot/snapshot-message.ts';

it('is an OSS event notification in base64', () => {
  const message = snapshotMessage({
    region: 'cn-hangzhou',
    accountId: '1234567890123456',
    bucket: 'pictures',
    key: 'b/cam/1.jpg',
    etag: 'ABC',
    sizeBytes: 5,
    storedMs: Date.UTC(2026, 0, 1),
    remoteAddr: '[::1]:50000',
    requestId: 'R',
  });
  expect(JSON.parse(Buffer.from(message, 'base64').toString())).toEqual({
    events: [
      {
        eventName: 'ObjectCreated:PutObject',
        eventSource: 'acs:oss',
        eventTime: '2026-01-01T00:00:00.000Z',
        eventVersion: '1.0',
        oss: {
          bucket: {
            arn: 'acs:oss:cn-hangzhou:1234567890123456:pictures',
            name: 'pictures',
            ownerIdentity: '1234567890123456',
          },
          object: { deltaSize: 5, eTag: 'ABC', key: 'b/cam/1.jpg', size: 5 },
          ossSchemaVersion: '1.0',
          ruleId: 'live-channel-snapshot',
        },
        region: 'cn-hangzhou',
        requestParameters: { sourceIPAddress: '::1' },
        responseElements: { requestId: 'R' },
        userIdentity: { principalId: '1234567890123456' },
      },
    ],
  });
});
