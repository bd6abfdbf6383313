import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { sourceId } from '../../base/push-source.ts';
import type { Events } from '../../events/events.ts';
import type { MetadataStore, SessionRecord } from '../../storage/metadata/metadata-store.ts';
import type { PlaylistStore } from '../playlist/playlist-store.ts';
import { LivePlaylist } from './live-playlist.ts';

export interface RecoveryOptions {
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Log;
  readonly metadata: MetadataStore;
  readonly playlists: PlaylistStore;
}

/**
 * Ends the sessions that were open when the process died: the end of each is that of its last fragment, and its playlist
 * is written again, because its last fragment may have been stored but not listed.
 */
export async function closeBrokenSessions(options: RecoveryOptions): Promise<void> {
  for (const session of await options.metadata.listOpenSessions()) {
    const endedMs = await lastSignOfLife(session, options);
    await options.metadata.endSession(session.id, endedMs);
    await rewritePlaylist(session, options);
    const { id, bucket, channel } = session;
    options.log.warn('session.recovered', { session: id, bucket, channel, ended: new Date(endedMs).toISOString() });
  }
}

async function lastSignOfLife(session: SessionRecord, { metadata, clock }: RecoveryOptions): Promise<number> {
  const { bucket, channel, startedMs } = session;
  const sources = [sourceId({ kind: 'channel', bucket, channel })];
  const fragments = await metadata.timeline({ sources, by: 'start', fromMs: startedMs, toMs: clock.now() });
  const last = fragments.findLast(({ sessionId }) => sessionId === session.id);
  return Math.min(clock.now(), last ? last.startMs + last.durationMs : startedMs);
}

async function rewritePlaylist(session: SessionRecord, options: RecoveryOptions): Promise<void> {
  const { events, metadata, playlists } = options;
  const channel = await metadata.getChannel(session.bucket, session.channel);
  if (channel?.incarnation !== session.incarnation) return;
  await new LivePlaylist({ events, metadata, playlists, channel, playlistName: session.playlistName }).write();
}
