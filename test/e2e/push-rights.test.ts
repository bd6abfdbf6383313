import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { channelConfig, startTestEmulator } from '../support/emulator.ts';
import { temporaryFolder } from './command.ts';

const OWNER = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
const GUEST = { accessKeyId: 'guest-ak', accessKeySecret: 'guest-secret' };
const GUEST_UID = '2222222222222222';
const READER = { accessKeyId: 'reader-ak', accessKeySecret: 'reader-secret' };
const BUCKETS = [
  { name: 'closed', acl: 'private' },
  { name: 'readable', acl: 'public-read' },
  { name: 'writable', acl: 'public-read-write' },
] as const;

/** A channel `cam` in a bucket of each ACL; `READER` is a read-only key. */
async function start() {
  const credentials = join(await temporaryFolder(), 'credentials.json');
  await writeFile(
    credentials,
    JSON.stringify([
      { ...READER, readOnly: true },
      { ...GUEST, uid: GUEST_UID },
    ]),
  );
  const { emulator, port, client } = await startTestEmulator({ buckets: BUCKETS, channels: [], credentials });
  for (const { name } of BUCKETS) {
    client.useBucket(name);
    await client.putChannel('cam', channelConfig());
  }
  /** Connects, publishes, and disconnects. Rejects when the publish is refused. */
  const publish = async (bucket: string, query = '') => {
    const publisher = await RtmpPublisher.publish(`rtmp://127.0.0.1:${port}/${bucket}/live/cam${query}`);
    publisher.destroy();
    await publisher.closed;
  };
  const publishAs = (key: typeof OWNER, bucket: string) => {
    const signer = new OSS({ ...key, bucket, region: 'oss-cn-hangzhou' });
    return publish(bucket, signer.getRtmpUrl('cam', { params: {}, expires: 3600 }).replace(/^[^?]*/, ''));
  };
  const accepted = () => emulator.events.since(0).filter(({ type }) => type === 'publish.accepted');
  const putPolicy = (bucket: string, Effect: 'Allow' | 'Deny', Principal: string) => {
    const Resource = `acs:oss:*:*:${bucket}/cam`;
    const Statement = [{ Effect, Principal: [Principal], Action: ['oss:PublishRtmpStream'], Resource: [Resource] }];
    return client.putBucketPolicy(bucket, { Version: '1', Statement });
  };
  return { publish, publishAs, putPolicy, accepted };
}

describe('a push with a read-only key', () => {
  it.each(BUCKETS)('is refused in a bucket that is $acl', async ({ name }) => {
    const { publishAs, accepted } = await start();
    await expect(publishAs(READER, name)).rejects.toThrow(/Publish\.Unauthorized.*AccessDenied 0003-00000201/);
    expect(accepted()).toEqual([]);
    await publishAs(OWNER, name);
    expect(accepted()).toHaveLength(1);
  });
});

describe('a push without a signature', () => {
  it.each(['closed', 'readable'])('is refused in the bucket that is %s', async (bucket) => {
    const { publish, accepted } = await start();
    await expect(publish(bucket)).rejects.toThrow('NetStream.Publish.Unauthorized');
    expect(accepted()).toEqual([]);
  });

  it('is accepted in the bucket that is writable', async () => {
    const { publish, accepted } = await start();
    await publish('writable');
    expect(accepted()).toMatchObject([{ bucket: 'writable', channel: 'cam' }]);
  });
});

describe('a push by another account', () => {
  it.each(['closed', 'readable'])('is refused in the bucket that is %s, unless a policy allows it', async (bucket) => {
    const { publishAs, putPolicy, accepted } = await start();
    await expect(publishAs(GUEST, bucket)).rejects.toThrow(/Publish\.Unauthorized.*AccessDenied 0003-00000001/);
    expect(accepted()).toEqual([]);
    await putPolicy(bucket, 'Allow', GUEST_UID);
    await publishAs(GUEST, bucket);
    expect(accepted()).toMatchObject([{ bucket, channel: 'cam' }]);
  });

  it('is accepted in the bucket that is writable', async () => {
    const { publishAs, accepted } = await start();
    await publishAs(GUEST, 'writable');
    expect(accepted()).toHaveLength(1);
  });
});

describe('a policy that denies publishing', () => {
  it('refuses the owner whom it names', async () => {
    const { publishAs, putPolicy } = await start();
    await putPolicy('closed', 'Deny', '1234567890123456');
    await expect(publishAs(OWNER, 'closed')).rejects.toThrow(/Publish\.Unauthorized.*AccessDenied 0003-00000101/);
  });

  it('refuses everybody else where the ACL allows it', async () => {
    const { publish, publishAs, putPolicy } = await start();
    await putPolicy('writable', 'Deny', '*');
    await expect(publish('writable')).rejects.toThrow('NetStream.Publish.Unauthorized');
    await publishAs(OWNER, 'writable');
  });
});
