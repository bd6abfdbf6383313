/**
 * How one node tells another one of the request of a viewer: at a path of its own, signed with the key that the other node
 * keeps in the database they share. So whoever is no node can neither name another address as that of a viewer, nor use
 * what the first node has checked, and what is forwarded once is known as such.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { decodeHttpPath } from '../../http/address.ts';
import { readCall, type WatchCall } from '../watch-call.ts';

/** Before the path that the viewer asked for. */
export const FORWARDED_PREFIX = '/_forwarded';

const SIGNATURE = 'x-emulator-forwarded';
const HOST = 'x-emulator-forwarded-host';
const REMOTE_ADDR = 'x-emulator-forwarded-for';
/** Of the answer: a signature over that of the request, by which the answer is known to be of the node that was meant. */
export const ANSWERED_HEADER = 'x-emulator-answered';

/** A copy that somebody made of a request on its way is good for as long. The nodes have the same time, as nearly as they need. */
const VALID_MS = 30_000;

export interface SignedHeaders {
  readonly headers: Readonly<Record<string, string>>;
  /** What the answer has in its header. */
  readonly answered: string;
}

export function signForwarded(call: WatchCall, key: string, nowMs: number): SignedHeaders {
  const { method, target, host, remoteAddr } = call;
  const signature = hmac(key, [method, target, host, remoteAddr, String(nowMs)]);
  const headers = { [SIGNATURE]: `${nowMs}.${signature}`, [HOST]: host, [REMOTE_ADDR]: remoteAddr };
  return { headers, answered: hmac(key, [signature]) };
}

/**
 * Whether a request says that it is of another node. With the path alone it may be for an object: where the host names the bucket,
 * a key may begin so.
 */
export function claimsForwarded({ url = '/', headers }: IncomingMessage): boolean {
  return url.startsWith(`${FORWARDED_PREFIX}/`) && headers[SIGNATURE] !== undefined;
}

/** The request of the viewer, and what the answer must have in its header. Undefined: no node has signed this. */
export function readForwarded(
  request: IncomingMessage,
  key: string,
  nowMs: number,
): { readonly call: WatchCall; readonly answered: string } | undefined {
  const received = readCall(request);
  if (!received) return undefined;
  const { method, headers } = received;
  const target = received.target.slice(FORWARDED_PREFIX.length);
  const [signedMs = '', signature = ''] = (headers.get(SIGNATURE) ?? '').split('.');
  const host = headers.get(HOST) ?? '';
  const remoteAddr = headers.get(REMOTE_ADDR) ?? '';
  const isNow = Math.abs(nowMs - Number(signedMs)) <= VALID_MS;
  if (!isNow || !isEqual(signature, hmac(key, [method, target, host, remoteAddr, signedMs]))) return undefined;
  const path = decodeHttpPath(target.replace(/\?.*$/s, ''));
  if (path === undefined) return undefined;
  const { query } = received;
  const call = { method, path, query, headers, host, remoteAddr, target, isForwarded: true };
  return { call, answered: hmac(key, [signature]) };
}

function hmac(key: string, parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
}

function isEqual(left: string, right: string): boolean {
  const [sent, made] = [Buffer.from(left), Buffer.from(right)];
  return sent.length === made.length && timingSafeEqual(sent, made);
}
