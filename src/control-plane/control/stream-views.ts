import { signAuthKey } from '../../aliyun/auth/auth-key.ts';
import type { UrlBase } from '../../aliyun/endpoint.ts';
import type { StreamSource } from '../../base/push-source.ts';
import type { RegisteredStream } from '../../ingest/registry.ts';
import type { StreamPush } from '../../live/streams/publishing-streams.ts';
import type { DomainKey } from '../../live/streams/streams.ts';
import type { AudioStat, MediaTotals, VideoStat } from '../../media/stat.ts';

/** A stream of ApsaraVideo Live: one that is live, or was. */
export interface StreamView {
  /** `*` when it was pushed to an address without a domain. */
  readonly domain: string;
  readonly app: string;
  readonly stream: string;
  readonly state: 'live' | 'idle';
  /** When its latest push ended; null while that goes on. */
  readonly endedMs: number | null;
  /** Signed where its domain asks for that, as the addresses to play it are. */
  readonly publishUrl: string;
  readonly play: PlayAddresses;
  readonly live: LiveStream | null;
}

export interface PlayAddresses {
  /** For the RTS SDK. */
  readonly rts: string;
  /** To post an offer to. */
  readonly whep: string;
  /** HTTP-FLV. */
  readonly flv: string;
  readonly hls: string;
}

/** The push of a stream that is going on. */
export interface LiveStream {
  readonly sessionId: string;
  readonly startedMs: number;
  /** `ip:port` of the publisher. */
  readonly remoteAddr: string;
  /** The host it was pushed to. */
  readonly publishDomain: string;
  readonly video: VideoStat | null;
  readonly audio: AudioStat | null;
  readonly totals: MediaTotals;
  readonly viewers: number;
  readonly recording: StreamRecording | null;
}

/** What records a stream right now. */
export interface StreamRecording {
  readonly id: string;
  readonly bucket: string;
  readonly startedMs: number;
  readonly slices: number;
}

export interface StreamAddressing {
  readonly base: UrlBase;
  readonly authKeys: readonly DomainKey[];
  /** Of signatures. */
  readonly expiresSec: number;
}

export function viewStream(push: StreamPush, live: LiveStream | null, addressing: StreamAddressing): StreamView {
  const { domain, app, stream } = push.source;
  return {
    domain,
    app,
    stream,
    live,
    state: live ? 'live' : 'idle',
    endedMs: live ? null : push.endedMs,
    publishUrl: `rtmp://${addressing.base.authority}${streamPath(push.source)}${signedQuery(push.source, '', addressing)}`,
    play: playAddresses(push.source, addressing),
  };
}

export function viewLiveStream(
  online: RegisteredStream,
  viewers: number,
  recording: StreamRecording | null,
): LiveStream {
  const { id, startedMs, remoteAddr, publishDomain } = online.push;
  const { video = null, audio = null } = online.stat();
  const push = { sessionId: id, startedMs, remoteAddr, publishDomain };
  return { ...push, video, audio, totals: { ...online.totals() }, viewers, recording };
}

/** By paths below our own: a bucket of the application's name would hide the short ones. */
function playAddresses(source: StreamSource, addressing: StreamAddressing): PlayAddresses {
  const { authority } = addressing.base;
  const path = streamPath(source);
  const own = `http://${authority}/_emulator/live${path}`;
  return {
    // WebRTC needs no signature.
    rts: `artc://${authority}${path}${queryOf(domainParameters(source))}`,
    whep: `${own}${queryOf(domainParameters(source))}`,
    flv: `${own}.flv${signedQuery(source, '.flv', addressing)}`,
    hls: `${own}.m3u8${signedQuery(source, '.m3u8', addressing)}`,
  };
}

function streamPath({ app, stream }: StreamSource): string {
  return `/${encodeURIComponent(app)}/${encodeURIComponent(stream)}`;
}

/** The domain, which is not in the address of this machine. */
function domainParameters({ domain }: StreamSource): readonly string[] {
  return domain === '*' ? [] : [`vhost=${domain}`];
}

/** With a signature over the path with its extension, where the domain asks for one. */
function signedQuery(source: StreamSource, extension: string, { authKeys, expiresSec }: StreamAddressing): string {
  const { domain, app, stream } = source;
  const key = authKeys.find((entry) => entry.domain === domain || entry.domain === '*')?.key;
  if (key === undefined) return queryOf(domainParameters(source));
  const authKey = signAuthKey(`/${app}/${stream}${extension}`, expiresSec, '0', '0', key);
  return queryOf([...domainParameters(source), `auth_key=${authKey}`]);
}

function queryOf(parameters: readonly string[]): string {
  return parameters.length === 0 ? '' : `?${parameters.join('&')}`;
}
