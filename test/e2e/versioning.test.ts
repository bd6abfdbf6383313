import { expect, it } from 'vitest';
import { readClip } from './flv-tags.ts';
import { openStudio, pushTags, type Studio } from './recordings.ts';

const BUCKET = 'examplebucket';
/** 12 s, a key frame every 2 s. */
const CLIP = readClip('h264-aac');

interface Version {
  readonly name: string;
  readonly versionId: string;
  /** ali-oss leaves it out of delete markers. */
  readonly isLatest?: boolean;
}

/** A channel in a bucket with versioning, after a push. */
async function recorded(): Promise<Studio> {
  const studio = await openStudio();
  // @types/ali-oss does not know the method.
  await Object(studio.client).putBucketVersioning(BUCKET, 'Enabled');
  await pushTags(studio, CLIP);
  return studio;
}

async function listVersions({ client }: Studio): Promise<readonly Version[]> {
  // @types/ali-oss does not know the method.
  const { objects, deleteMarker } = await Object(client).getBucketVersions({ 'max-keys': 1000 });
  return [...(objects ?? []), ...(deleteMarker ?? [])];
}

it('a push into a bucket with versioning records fragments, and keeps every live playlist as a version', async () => {
  const studio = await recorded();
  const { fragments } = await studio.live();
  expect(fragments.length).toBeGreaterThan(1);
  const versions = await listVersions(studio);
  const playlists = versions.filter(({ name }) => name === 'cam/playlist.m3u8');
  expect(playlists.filter(({ isLatest }) => isLatest)).toHaveLength(1);
  const first = playlists.at(-1)?.versionId ?? '';
  const oldest = await studio.client.get('cam/playlist.m3u8', { versionId: first } as object);
  expect(oldest.content.toString().match(/#EXTINF/g)).toHaveLength(1);
  const listedOnce = versions.filter(({ name }) => name.endsWith('.ts'));
  expect(listedOnce.every(({ isLatest }) => isLatest)).toBe(true);
});

it('a delete marker takes a fragment out of VOD playlists, and its deletion brings it back', async () => {
  const studio = await recorded();
  const before = (await studio.vod()).fragments.map(({ name }) => name);
  const removed = before[1] ?? '';
  const { res } = await studio.client.delete(`cam/${removed}`);
  const without = (await studio.vod()).fragments.map(({ name }) => name);
  expect(without).toEqual(before.filter((name) => name !== removed));
  const marker = Object(res.headers)['x-oss-version-id'];
  await studio.client.delete(`cam/${removed}`, { versionId: marker } as object);
  expect((await studio.vod()).fragments.map(({ name }) => name)).toEqual(before);
});

it('a bucket is empty when every version in it is deleted', async () => {
  const studio = await recorded();
  await studio.client.delete('cam/playlist.m3u8');
  for (const { name, versionId } of await listVersions(studio)) {
    await studio.client.delete(name, { versionId } as object);
  }
  expect(await listVersions(studio)).toEqual([]);
  await expect(studio.vod()).rejects.toThrow('No ts file found');
});
