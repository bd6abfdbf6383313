import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Events } from '../../events/events.ts';
import type { MetadataStore, SessionRecord } from '../../storage/metadata/metadata-store.ts';
import type { PlaylistExtension } from '../playlist/fragment-playlists.ts';
import type { PlaylistStore } from '../playlist/playlist-store.ts';
import { LivePlaylist, livePlaylistId } from './live-playlist.ts';
import { recordedTimeMs } from './recorded-time.ts';

export interface RecoveryOptions {
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Log;
  readonly metadata: MetadataStore;
  readonly playlists: PlaylistStore;
  readonly extensions: readonly PlaylistExtension[];
}

/**
 * Ends the sessions that were open when the process died: the end of each is that of its last fragment, and its playlist
 * is written again, because its last fragment may have been stored but not listed.
 */
export async function closeBrokenSessions(options: RecoveryOptions): Promise<void> {
  for (const session of await options.metadata.listOpenSessions()) {
    const endedMs = await lastSignOfLife(session, options);
    await options.metadata.endSession(session, endedMs);
    await rewritePlaylist(session, options);
    const { id, bucket, channel } = session;
    options.log.warn('session.recovered', { session: id, bucket, channel, ended: new Date(endedMs).toISOString() });
  }
}

/**
 * The end of its last fragment. Where the clock was set back, that time may lie before the start of the push: the push
 * lasted as long as it recorded then.
 */
async function lastSignOfLife(session: SessionRecord, { metadata, clock }: RecoveryOptions): Promise<number> {
  const { id, startedMs, incarnation, playlistName } = session;
  const fragments = await metadata.sessionFragments(livePlaylistId(incarnation, playlistName), id);
  const [first] = fragments;
  if (!first) return startedMs;
  const endedMs = Math.max(first.startMs, startedMs) + recordedTimeMs(fragments);
  const nowMs = clock.now();
  return nowMs < startedMs ? endedMs : Math.min(nowMs, endedMs);
}

async function rewritePlaylist(session: SessionRecord, options: RecoveryOptions): Promise<void> {
  const { events, metadata, playlists, extensions } = options;
  const channel = await metadata.getChannel(session.bucket, session.channel);
  if (channel?.incarnation !== session.incarnation) return;
  const { playlistName } = session;
  await new LivePlaylist({ events, metadata, playlists, channel, playlistName, extensions }).write();
}
