import { describe, expect, it } from 'vitest';
import { readRtmpQuery } from '../../src/aliyun/auth/rtmp-query.ts';
import { signRtmpUrl } from '../../src/aliyun/auth/rtmp-url.ts';
import { OssError } from '../../src/base/errors.ts';
import type { ChannelName } from '../../src/base/push-source.ts';
import { adviseOnSignature } from '../../src/ingest/refused-channel.ts';
import type { MetadataStore } from '../../src/storage/metadata/metadata-store.ts';
import { keyRing } from '../aliyun/auth/vectors.ts';

const KEY = { accessKeyId: 'ak', accessKeySecret: 'secret' };
const EXPIRES_SEC = 1_000;
const CONTEXT = { nowMs: 0, keys: keyRing(KEY) };

/** A store of any number of buckets, each with any number of channels. */
function endlessStore() {
  const looked = { buckets: 0, channels: 0, listings: 0 };
  const names = (kind: string, count: number) => Array.from({ length: count }, (_, index) => ({ name: kind + index }));
  const store = {
    async listBuckets({ limit }: { limit: number }) {
      looked.buckets += limit;
      return { items: names('b-', limit) };
    },
    async listChannels(_: string, { limit }: { limit: number }) {
      looked.channels += limit;
      looked.listings++;
      return { items: names('c-', limit) };
    },
  };
  return { looked, metadata: store as unknown as MetadataStore };
}

async function refusalFor(signed: ChannelName) {
  const { looked, metadata } = endlessStore();
  const error = new OssError('SignatureDoesNotMatch', 'refused', { comparison: { expected: 'what was meant' } });
  const query = readRtmpQuery(signRtmpUrl(signed, KEY, EXPIRES_SEC));
  const refusal = await adviseOnSignature(error, { bucket: 'meant', channel: 'ch' }, query, metadata, CONTEXT);
  return { message: refusal.message, comparison: refusal.comparison, looked };
}

describe('the channel that a refused URL was signed for', () => {
  it('is looked for in fifty buckets, and among five hundred channels in all', async () => {
    const { message, comparison, looked } = await refusalFor({ bucket: 'b-49', channel: 'ch' });
    expect(message).toBe('The URL was signed for the bucket "b-49", not for "meant".');
    expect(comparison).toEqual({ expected: 'what was meant', signed: '1000\n/b-49/ch' });
    expect(looked).toEqual({ buckets: 50, channels: 499, listings: 1 });
  });

  it('is not told where it is behind those', async () => {
    expect((await refusalFor({ bucket: 'b-50', channel: 'ch' })).message).toBe('refused');
    expect((await refusalFor({ bucket: 'b-0', channel: 'c-0' })).message).toBe('refused');
    expect((await refusalFor({ bucket: 'meant', channel: 'c-3' })).message).toContain('signed for the channel "c-3"');
  });
});
