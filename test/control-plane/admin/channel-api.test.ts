import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../../src/index.ts';
import { controlOf } from '../../support/control.ts';

const SNAPSHOT = { roleName: 'role', destBucket: 'media', notifyTopic: 'pictures', intervalSec: 5 };

describe('channels over the control API', () => {
  it('are created, changed as a whole, disabled and deleted', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const control = controlOf(emulator);
    const body = {
      description: 'Door',
      fragDurationSec: 2,
      fragCount: 7,
      playlistName: 'door.m3u8',
      snapshot: SNAPSHOT,
    };
    const created = await control('putChannel', '/channels/media/door?only=new', body);
    expect(created).toMatchObject({ status: 200, body: { bucket: 'media', name: 'door', status: 'enabled', ...body } });

    const changed = await control('putChannel', '/channels/media/door?only=existing', { status: 'disabled' });
    expect(changed.body).toMatchObject({
      description: '',
      state: 'disabled',
      fragDurationSec: 5,
      fragCount: 3,
      playlistName: 'playlist.m3u8',
      snapshot: null,
    });
    await control('putChannelStatus', '/channels/media/door/status', { status: 'enabled' });
    expect((await control('channel', '/channels/media/door')).body.state).toBe('idle');
    expect((await control('deleteChannel', '/channels/media/door')).body).toEqual({ ok: true });
    expect((await control('channel', '/channels/media/door')).status).toBe(404);
  });

  it.each([
    ['ChannelName', 'a%2Fb', {}, 'ChannelName must not contain a slash.'],
    ['ChannelName', 'x'.repeat(64), {}, 'The Length of channel name must be less than 64.'],
    ['Description', 'cam', { description: 'ü'.repeat(65) }, 'The length of Description must not exceed 128 bytes.'],
    ['Status', 'cam', { status: 'on' }, 'Status must be enabled or disabled.'],
    ['Type', 'cam', { type: 'DASH' }, 'Type must be HLS.'],
    [
      'FragDuration',
      'cam',
      { fragDurationSec: 101, fragCount: 3 },
      'FragDuration must be an integer between 1 and 100.',
    ],
    [
      'FragDuration',
      'cam',
      { fragDurationSec: 1.5, fragCount: 3 },
      'FragDuration must be an integer between 1 and 100.',
    ],
    ['FragCount', 'cam', { fragDurationSec: 5 }, 'FragCount must be an integer between 1 and 100.'],
    ['PlaylistName', 'cam', { playlistName: 'live.mp4' }, 'PlaylistName must end with ".m3u8".'],
    ['RoleName', 'cam', { snapshot: { ...SNAPSHOT, roleName: '' } }, 'RoleName must not be empty.'],
    ['DestBucket', 'cam', { snapshot: { ...SNAPSHOT, destBucket: 'none' } }, 'DestBucket does not exist.'],
    ['NotifyTopic', 'cam', { snapshot: { ...SNAPSHOT, notifyTopic: '' } }, 'NotifyTopic must not be empty.'],
    [
      'Interval',
      'cam',
      { snapshot: { ...SNAPSHOT, intervalSec: 0 } },
      'Interval must be an integer between 1 and 100.',
    ],
  ])('a wrong %s is refused in the words of the service (%s)', async (argument, name, body, error) => {
    await using emulator = await startEmulator({ buckets: ['media'], channels: [] });
    const control = controlOf(emulator);
    const code = argument === 'ChannelName' ? 'InvalidChannelName' : 'InvalidArgument';
    const refused = await control('putChannel', `/channels/media/${name}`, body);
    expect(refused).toEqual({ status: 400, body: { error, code, argument } });
    expect((await control('channels', '/channels')).body.channels).toEqual([]);
  });

  it('are not created where they were to be changed, and not replaced where they were to be created', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const control = controlOf(emulator);
    const changed = await control('putChannel', '/channels/media/cam?only=existing', {});
    expect(changed).toMatchObject({ status: 404, body: { code: 'NoSuchLiveChannel' } });
    await control('putChannel', '/channels/media/cam?only=new', { description: 'first' });
    const again = await control('putChannel', '/channels/media/cam?only=new', { description: 'second' });
    expect(again).toMatchObject({ status: 409, body: { code: 'FileAlreadyExists' } });
    expect((await control('channel', '/channels/media/cam')).body.description).toBe('first');
  });

  it('that are not there, or in no bucket, say so', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const control = controlOf(emulator);
    const missing = { status: 404, body: { error: 'There is no channel "cam" in the bucket "media".' } };
    expect(await control('deleteChannel', '/channels/media/cam')).toEqual(missing);
    expect(await control('putChannelStatus', '/channels/media/cam/status', { status: 'enabled' })).toEqual(missing);
    expect(await control('putChannel', '/channels/none/cam', {})).toEqual({
      status: 404,
      body: { error: 'There is no bucket "none".' },
    });
  });

  it.each(['%ff', 'a%zz', '%00'])('are not made of the name %s, which is none', async (name) => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const control = controlOf(emulator);
    const { status, body } = await control('putChannel', `/channels/media/${name}`, {});
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'The path has a bad escape, is not UTF-8, or holds a NUL; percent-encode its names as UTF-8.',
    });
    const { channels } = (await control('channels', '/channels')).body;
    expect(channels.map((channel: { readonly name: string }) => channel.name)).toEqual(['test-channel']);
  });

  it.each(['.', '..'])('are handled by the name %s too, with an escaped slash before it', async (name) => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const control = controlOf(emulator);
    const path = `/channels/media%2F${name}`;
    const created = await control('putChannel', `${path}?only=new`, {});
    expect(created).toMatchObject({ status: 200, body: { bucket: 'media', name } });
    expect((await control('putChannelStatus', `${path}/status`, { status: 'disabled' })).body).toEqual({ ok: true });
    expect((await control('channel', path)).body.state).toBe('disabled');
    expect((await control('deleteChannel', path)).body).toEqual({ ok: true });
    expect((await control('channel', path)).status).toBe(404);
  });

  it('that are published to are neither changed nor deleted', async () => {
    await using emulator = await startEmulator({ buckets: ['media'] });
    const control = controlOf(emulator);
    await control('publish', '/publish', { channel: 'cam', durationSec: 60 });
    const still = { status: 409, body: { code: 'ChannelStillLive' } };
    expect(await control('putChannel', '/channels/media/cam', {})).toMatchObject(still);
    expect(await control('deleteChannel', '/channels/media/cam')).toMatchObject(still);
  });
});
