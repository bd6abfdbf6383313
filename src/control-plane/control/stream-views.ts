import * as v from 'valibot';
import { signAuthKey } from '../../aliyun/auth/auth-key.ts';
import { percentEncode } from '../../aliyun/auth/canonical.ts';
import { httpOrigin, rtmpOrigin, type UrlBase } from '../../aliyun/endpoint.ts';
import type { StreamSource } from '../../base/push-source.ts';
import { choice, documented, fields, text } from '../../base/schema.ts';
import { OWN_PREFIX } from '../../http/own-path.ts';
import type { OnlineStream, StreamPush } from '../../live/streams/publishing-streams.ts';
import type { DomainKey } from '../../live/streams/streams.ts';
import { audio, count, streamName, timeMs, totals, type ViewOf, video } from './view-fields.ts';

/** Where a stream is played also from other machines, and by web pages of other origins. */
const shortAddresses = fields({ whep: text, flv: text, hls: text });

/** Where a stream is played. */
const playAddresses = fields({
  rts: documented(text, '`artc://`, for aliyun-rts-sdk.'),
  whep: documented(text, 'To post an offer to.'),
  flv: documented(text, 'HTTP-FLV.'),
  hls: documented(text, 'A short live playlist, also of what is not recorded.'),
  short: documented(
    v.nullable(shortAddresses),
    'The same for other machines and for web pages of other origins; null where a bucket with the name of the application hides them.',
  ),
});

export type PlayAddresses = ViewOf<typeof playAddresses>;

/** The current recording of a stream. */
const streamRecording = fields({ id: text, bucket: text, startedMs: timeMs, slices: count });

export type StreamRecording = ViewOf<typeof streamRecording>;

/** The current push of a stream. */
const liveStream = fields({
  sessionId: text,
  startedMs: timeMs,
  /** `ip:port` of the publisher. */
  remoteAddr: text,
  publishDomain: documented(text, 'The host it was pushed to.'),
  video,
  audio,
  totals,
  viewers: documented(count, 'On this node.'),
  node: documented(v.nullable(text), 'The other node that it is pushed to, where nodes share a database.'),
  recording: documented(v.nullable(streamRecording), 'What records it right now.'),
});

export type LiveStream = ViewOf<typeof liveStream>;

/** A stream of ApsaraVideo Live: one that is published now, or was. */
export const streamView = fields({
  ...streamName,
  state: choice(['live', 'idle']),
  endedMs: documented(v.nullable(timeMs), 'When its latest push ended; null while it lasts.'),
  publishUrl: documented(
    text,
    'Signed with `auth_key` where its domain asks for that, as the addresses to play it are.',
  ),
  play: playAddresses,
  live: documented(v.nullable(liveStream), 'The push that is going on.'),
});

export type StreamView = ViewOf<typeof streamView>;

export interface StreamAddressing {
  readonly base: UrlBase;
  readonly authKeys: readonly DomainKey[];
  /** Of signatures. */
  readonly expiresSec: number;
  /** Of the application, which a bucket of that name hides. */
  readonly hasShort: boolean;
}

export function viewStream(
  push: OnlineStream['push'] & Partial<Pick<StreamPush, 'endedMs'>>,
  live: LiveStream | null,
  addressing: StreamAddressing,
): StreamView {
  const { domain, app, stream } = push.source;
  return {
    domain,
    app,
    stream,
    live,
    state: live ? 'live' : 'idle',
    endedMs: live ? null : (push.endedMs ?? null),
    publishUrl: `${rtmpOrigin(addressing.base)}${streamPath(push.source)}${signedQuery(push.source, '', addressing)}`,
    play: viewAddresses(push.source, addressing),
  };
}

export function viewLiveStream(online: OnlineStream, viewers: number, recording: StreamRecording | null): LiveStream {
  const { id, startedMs, remoteAddr, publishDomain } = online.push;
  const { video = null, audio = null } = online.stat();
  return {
    sessionId: id,
    startedMs,
    remoteAddr,
    publishDomain,
    video,
    audio,
    totals: online.totals(),
    node: online.node ?? null,
    viewers,
    recording,
  };
}

function viewAddresses(source: StreamSource, addressing: StreamAddressing): PlayAddresses {
  const { authority } = addressing.base;
  const path = streamPath(source);
  const origin = httpOrigin(addressing.base);
  // What no bucket hides.
  const own = httpAddresses(`${origin}${OWN_PREFIX}/live${path}`, source, addressing);
  return {
    rts: `artc://${authority}${path}${signedQuery(source, '', addressing)}`,
    ...own,
    short: addressing.hasShort ? httpAddresses(`${origin}${path}`, source, addressing) : null,
  };
}

/** @param url without an extension */
function httpAddresses(url: string, source: StreamSource, addressing: StreamAddressing): ViewOf<typeof shortAddresses> {
  return {
    whep: `${url}${signedQuery(source, '', addressing)}`,
    flv: `${url}.flv${signedQuery(source, '.flv', addressing)}`,
    hls: `${url}.m3u8${signedQuery(source, '.m3u8', addressing)}`,
  };
}

function streamPath({ app, stream }: StreamSource): string {
  return `/${percentEncode(app)}/${percentEncode(stream)}`;
}

/** The domain, which is not in the address of this machine. */
function domainParameters({ domain }: StreamSource): readonly string[] {
  return domain === '*' ? [] : [`vhost=${domain}`];
}

/** With a signature over the path with its extension, where the domain requires one. */
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
