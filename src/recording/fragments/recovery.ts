import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { type ChannelName, sourceId } from '../../base/push-source.ts';
import type { Events } from '../../events/events.ts';
import type { Fence, Leases } from '../../storage/leases/leases.ts';
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
  readonly leases: Leases;
  readonly playlists: PlaylistStore;
  readonly extensions: readonly PlaylistExtension[];
}

/** Writes again the playlists of sessions that were ended late. */
export type RewritePlaylists = () => Promise<void>;

/**
 * Ends the sessions of a channel that a process which died left open. The caller holds the lease of the channel, and writes their
 * playlists before anything else under it; until then nothing waits for the store of the bytes.
 */
export type CloseBrokenSessions = (channel: ChannelName, fence: Fence | undefined) => Promise<RewritePlaylists>;

/**
 * Ends the sessions that are open and that nobody has a lease for. Another node may end or begin one meanwhile: what is
 * decided here is decided under the lease of the channel.
 */
export async function closeBrokenSessions(options: RecoveryOptions): Promise<void> {
  const { metadata, leases } = options;
  // Read first: a push that begins later is refused the lease below, instead of being taken for a broken one.
  const held = new Set((await leases.held()).map(({ sessionId }) => sessionId));
  const broken = (await metadata.listOpenSessions()).filter(({ id }) => !held.has(id));
  const channels = new Map(broken.map((session) => [channelIdOf(session), session]));
  for (const [source, channel] of channels) {
    const { lease } = await leases.acquire({ source, sessionId: randomUUID() });
    if (!lease) continue;
    try {
      const rewritePlaylists = await closeBrokenSessionsOf(channel, lease.fence, options);
      await rewritePlaylists();
    } finally {
      await lease.release();
    }
  }
}

/**
 * The end of each is that of its last fragment. Its playlist has to be written again, because its last fragment may have been
 * stored but not listed. The caller holds the lease of the channel.
 */
export async function closeBrokenSessionsOf(
  channel: ChannelName,
  fence: Fence | undefined,
  options: RecoveryOptions,
): Promise<RewritePlaylists> {
  const broken = await options.metadata.listOpenSessions(channel);
  for (const session of broken) {
    const endedMs = await lastSignOfLife(session, options);
    await options.metadata.endSession(session, endedMs, fence);
    const { id, bucket, channel } = session;
    options.log.warn('session.recovered', { session: id, bucket, channel, ended: new Date(endedMs).toISOString() });
  }
  return async () => {
    for (const session of broken) await rewritePlaylist(session, fence, options);
  };
}

function channelIdOf({ bucket, channel }: ChannelName): string {
  return sourceId({ kind: 'channel', bucket, channel });
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

async function rewritePlaylist(
  session: SessionRecord,
  fence: Fence | undefined,
  options: RecoveryOptions,
): Promise<void> {
  const { events, metadata, playlists, extensions } = options;
  const channel = await metadata.getChannel(session.bucket, session.channel);
  if (channel?.incarnation !== session.incarnation) return;
  const { playlistName } = session;
  await new LivePlaylist({ events, metadata, playlists, channel, playlistName, extensions, fence }).write();
}
