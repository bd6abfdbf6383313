/**
 * The HTTP exchange that starts watching over WebRTC: an offer and its answer, in two protocols.
 *
 * - RTS, of `aliyun-rts-sdk`: both are JSON, on the path of the RTMP address. Of errors the SDK reads only the status.
 * - WHEP (draft-ietf-wish-whep): both are SDP, with a location by which the client ends the session.
 */
import { randomUUID } from 'node:crypto';
import type { WatchProtocol } from './viewers.ts';
import { isSdp, WHEP_PREFIX } from './watch-call.ts';

export interface SignallingAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An offer as it was read from a body. */
export interface WatchOffer {
  readonly protocol: Extract<WatchProtocol, 'rts' | 'whep'>;
  readonly sdp: string;
}

const ANY_ORIGIN = { 'access-control-allow-origin': '*' };

/** The answer to a CORS preflight. RTS sends none. */
export const PREFLIGHT: SignallingAnswer = {
  status: 204,
  headers: {
    ...ANY_ORIGIN,
    'access-control-allow-methods': 'GET, HEAD, POST, DELETE, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type, range, *',
    'access-control-max-age': '86400',
  },
};

/**
 * Undefined when the body is neither of the two.
 *
 * @throws BadOffer when it is one of them but cannot be used
 */
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

/** The body has the format of an offer but cannot be used. */
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

/** The message is the same for both; RTS and WHEP have different statuses for an offer that cannot be answered. */
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
