/** A channel while it is edited: every field is text, as it is typed. */

import type { WrittenChannel } from '../../control-plane/control/channel-control.ts';
import type { ChannelItem } from '../api-client.ts';

export interface ChannelDraft {
  readonly bucket: string;
  readonly name: string;
  readonly description: string;
  readonly status: string;
  readonly type: string;
  readonly fragDuration: string;
  readonly fragCount: string;
  readonly playlistName: string;
  readonly hasSnapshot: boolean;
  readonly roleName: string;
  readonly destBucket: string;
  readonly notifyTopic: string;
  readonly interval: string;
}

/** The defaults of PutLiveChannel, and of a snapshot what most people begin with. */
export function newChannelDraft(bucket: string, name: string): ChannelDraft {
  return {
    bucket,
    name,
    description: '',
    status: 'enabled',
    type: 'HLS',
    fragDuration: '5',
    fragCount: '3',
    playlistName: 'playlist.m3u8',
    hasSnapshot: false,
    roleName: 'snapshot-role',
    destBucket: bucket,
    notifyTopic: 'snapshots',
    interval: '5',
  };
}

export function draftOf(channel: ChannelItem): ChannelDraft {
  const { bucket, name, description, status, fragDurationSec, fragCount, playlistName, snapshot } = channel;
  const draft = newChannelDraft(bucket, name);
  return {
    bucket,
    name,
    description,
    status,
    type: draft.type,
    fragDuration: String(fragDurationSec),
    fragCount: String(fragCount),
    playlistName,
    hasSnapshot: snapshot !== null,
    roleName: snapshot?.roleName ?? draft.roleName,
    destBucket: snapshot?.destBucket ?? draft.destBucket,
    notifyTopic: snapshot?.notifyTopic ?? draft.notifyTopic,
    interval: snapshot ? String(snapshot.intervalSec) : draft.interval,
  };
}

/** What is sent. A number that is left empty is left out, which the service takes for its default or refuses. */
export function writtenChannel(draft: ChannelDraft): WrittenChannel {
  const { description, status, type, playlistName, hasSnapshot, roleName, destBucket, notifyTopic } = draft;
  const numbers = { fragDurationSec: draft.fragDuration, fragCount: draft.fragCount };
  return {
    description,
    status,
    type,
    playlistName,
    ...given(numbers),
    ...(hasSnapshot && {
      snapshot: { roleName, destBucket, notifyTopic, ...given({ intervalSec: draft.interval }) },
    }),
  };
}

function given<Name extends string>(texts: Readonly<Record<Name, string>>): { [Given in Name]?: number } {
  const numbers: { [Given in Name]?: number } = {};
  for (const name in texts) if (texts[name].trim() !== '') numbers[name] = Number(texts[name]);
  return numbers;
}
