/**
 * The HTTP exchange that begins a WebRTC viewing: an offer in, an answer out, in the two forms that clients speak.
 *
 * - RTS, of `aliyun-rts-sdk`: JSON both ways, on the path of the RTMP address. The SDK goes by the HTTP status alone.
 * - WHEP (draft-ietf-wish-whep): SDP both ways, and a location to end it at.
 */
import { randomUUID } from 'node:crypto';
import type { WatchProtocol } from './viewers.ts';
import { isSdp, WHEP_PREFIX } from './watch-call.ts';

export interface SignallingAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a body asks for. */
export interface WatchOffer {
  readonly protocol: Extract<WatchProtocol, 'rts' | 'whep'>;
  readonly sdp: string;
}

const ANY_ORIGIN = { 'access-control-allow-origin': '*' };

/** Answers a preflight: RTS needs none. */
export const PREFLIGHT: SignallingAnswer = {
  status: 204,
  headers: {
    ...ANY_ORIGIN,
    'access-control-allow-methods': 'GET, HEAD, POST, DELETE, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type, range, *',
    'access-control-max-age': '86400',
  },
};

/** Undefined when the body is none of the two. @throws BadOffer */
export function readOffer(contentType: string, body: Buffer): WatchOffer | undefined {
  if (isSdp(contentType)) return { protocol: 'whep', sdp: body.toString() };
  const fields = parseObject(body.toString());
  if (!fields || !('jsep' in fields)) return undefined;
  if (fields.mode === 'rtc' || 'push_stream' in fields) throw new BadOffer('publishing over WebRTC is not supported');
  const { jsep } = fields;
  const isOffer = typeof jsep === 'object' && jsep !== null && 'sdp' in jsep && typeof jsep.sdp === 'string';
  if (isOffer && typeof jsep.sdp === 'string') return { protocol: 'rts', sdp: jsep.sdp };
  throw new BadOffer('jsep has no sdp');
}

/** A body that is of the right kind, and yet of no use. */
export class BadOffer extends Error {}

export function answerOffer(protocol: WatchOffer['protocol'], sdp: string, viewerId: string): SignallingAnswer {
  if (protocol === 'rts') {
    const answer = { code: 200, message: 'success', trace_id: randomUUID(), jsep: { type: 'answer', sdp } };
    return json(200, answer);
  }
  const location = `${WHEP_PREFIX}${viewerId}`;
  const exposed = { 'access-control-expose-headers': 'location' };
  return {
    status: 201,
    headers: { ...ANY_ORIGIN, ...exposed, 'content-type': 'application/sdp', location },
    body: sdp,
  };
}

/** The same words for both; of an offer that cannot be answered, RTS and WHEP have statuses of their own. */
export function refuseOffer(protocol: WatchOffer['protocol'], status: number, message: string): SignallingAnswer {
  if (protocol === 'rts') return json(status === 406 ? 400 : status, { code: status === 406 ? 400 : status, message });
  return refuse(status, message);
}

export function refuse(status: number, message: string): SignallingAnswer {
  return { status, headers: { ...ANY_ORIGIN, 'content-type': 'text/plain; charset=utf-8' }, body: `${message}\n` };
}

function json(status: number, content: object): SignallingAnswer {
  const headers = { ...ANY_ORIGIN, 'content-type': 'application/json; charset=utf-8' };
  return { status, headers, body: JSON.stringify(content) };
}

function parseObject(text: string): { readonly [name: string]: unknown } | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}
