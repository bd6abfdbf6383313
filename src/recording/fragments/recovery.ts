import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import { type ChannelName, channelId } from '../../base/push-source.ts';
import type { Events } from '../../events/events.ts';
import type { Fence, Leases } from '../../storage/leases/leases.ts';
import { logFailure } from '../../storage/machine-fault.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { SessionRecord } from '../../storage/metadata/records.ts';
import { StoreUnavailable } from '../../storage/objects/object-store.ts';
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
 * Ends the sessions of a channel that a process which died left open. The caller holds the lease of the channel, and writes
 * their playlists before anything else under it; until then nothing waits for the store of the bytes.
 */
export type CloseBrokenSessions = (channel: ChannelName, fence: Fence | undefined) => Promise<RewritePlaylists>;

/** No publisher gets a channel while its playlist is written here: where there is a next sweep, that one tries again. */
const SWEEP_RETRY_MS = 1_000;

/**
 * Ends the sessions that are open and that nobody has a lease for. Another node may end or begin one meanwhile: what is
 * decided here is decided under the lease of the channel.
 */
export async function closeBrokenSessions(options: RecoveryOptions): Promise<void> {
  const { metadata, leases, log } = options;
  // Read first: a push that begins later is refused the lease below, instead of being taken for a broken one.
  const held = new Set((await leases.held()).map(({ sessionId }) => sessionId));
  const broken = (await metadata.listOpenSessions()).filter(({ id }) => !held.has(id));
  const channels = new Map(broken.map((session) => [channelId(session), session]));
  for (const [source, channel] of channels) {
    const { lease } = await leases.acquire({ source, sessionId: randomUUID() });
    if (!lease) continue;
    try {
      await sweep(channel, lease.fence, options);
    } catch (error) {
      if (!(leases.isShared && error instanceof StoreUnavailable)) throw error;
      logFailure(log, 'warn', error, 'sessions.not-recovered', {
        source,
        error: errorText(error),
        advice: 'the next sweep tries again',
      });
      return;
    } finally {
      await lease.release();
    }
  }
}

/** The playlist first, so that a session whose playlist could not be written stays open. */
async function sweep(channel: ChannelName, fence: Fence | undefined, options: RecoveryOptions): Promise<void> {
  const { metadata, leases } = options;
  const retryMs = leases.isShared ? SWEEP_RETRY_MS : undefined;
  for (const session of await metadata.listOpenSessions(channel)) {
    await rewritePlaylist(session, fence, options, retryMs);
    await endBroken(session, fence, options);
  }
}

/**
 * The end of each is that of its last fragment. Its playlist has to be written again, because its last fragment may have
 * been stored but not listed. The caller holds the lease of the channel.
 */
export async function closeBrokenSessionsOf(
  channel: ChannelName,
  fence: Fence | undefined,
  options: RecoveryOptions,
): Promise<RewritePlaylists> {
  const broken = await options.metadata.listOpenSessions(channel);
  for (const session of broken) await endBroken(session, fence, options);
  return async () => {
    for (const session of broken) await rewritePlaylist(session, fence, options);
  };
}

async function endBroken(session: SessionRecord, fence: Fence | undefined, options: RecoveryOptions): Promise<void> {
  const endedMs = await lastSignOfLife(session, options);
  await options.metadata.endSession(session, endedMs, fence);
  const { id, bucket, channel } = session;
  options.log.warn('session.recovered', { session: id, bucket, channel, ended: new Date(endedMs).toISOString() });
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
  retryMs?: number,
): Promise<void> {
  const { events, metadata, playlists, extensions } = options;
  const channel = await metadata.getChannel(session.bucket, session.channel);
  if (channel?.incarnation !== session.incarnation) return;
  const { playlistName } = session;
  await new LivePlaylist({ events, metadata, playlists, channel, playlistName, extensions, fence }).write(retryMs);
}
