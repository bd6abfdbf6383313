import { describe, expect, it } from 'vitest';
import { draftOf, newChannelDraft, writtenChannel } from '../../../src/console/channel/channel-draft.ts';

describe('a channel that is edited', () => {
  it('is sent with the defaults of the service and without a snapshot', () => {
    expect(writtenChannel(newChannelDraft('bucket', 'cam'))).toEqual({
      description: '',
      status: 'enabled',
      type: 'HLS',
      fragDurationSec: 5,
      fragCount: 3,
      playlistName: 'playlist.m3u8',
    });
  });

  it('is sent as it was when nothing is changed', () => {
    const configured = {
      description: 'Door',
      status: 'disabled' as const,
      fragDurationSec: 2,
      fragCount: 7,
      playlistName: 'door.m3u8',
      snapshot: { roleName: 'role', destBucket: 'pictures', notifyTopic: 'topic', intervalSec: 11 },
    };
    const channel = {
      ...configured,
      bucket: 'bucket',
      name: 'door',
      state: 'disabled' as const,
      publishUrl: 'rtmp://x',
      playUrl: 'http://x',
      live: null,
    };
    expect(writtenChannel(draftOf(channel))).toEqual({ ...configured, type: 'HLS' });
  });

  it('leaves out a number that is empty, and sends one that the service refuses', () => {
    const draft = {
      ...newChannelDraft('bucket', 'cam'),
      fragDuration: ' ',
      fragCount: '1.5',
      hasSnapshot: true,
      interval: '',
    };
    const written = writtenChannel(draft);
    expect(written).not.toHaveProperty('fragDurationSec');
    expect(written.fragCount).toBe(1.5);
    expect(written.snapshot).toEqual({ roleName: 'snapshot-role', destBucket: 'bucket', notifyTopic: 'snapshots' });
  });
});
