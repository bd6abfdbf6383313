/** The only way out: every request that the emulator makes to somebody else's server. docs/reference/outgoing.md has them all. */
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { DeliveryRefused } from '../base/deliverer.ts';
import { isLoopback } from '../net/loopback.ts';
import { decodeHttpPath } from './address.ts';
import { isOwnPath, OWN_PREFIX } from './own-path.ts';

/** Where requests may go: to any server, to servers on this machine, or nowhere. */
export const OUTGOING_TARGETS = ['any', 'loopback', 'off'] as const;
export type OutgoingTargets = (typeof OUTGOING_TARGETS)[number];

export interface OutgoingRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The name that TLS asks for (SNI); empty asks for none. Default: the host of the URL. */
  readonly serverName?: string;
}

export interface OutgoingAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The first bytes, at most as many as were asked for. */
  readonly body: Buffer;
  /** There is more of the body, which was not read. */
  readonly isCut: boolean;
}

/**
 * Sends one request and reads at most `limitBytes` of the answer. Redirects are answers like any other: they are not
 * followed. Rejects with DeliveryRefused when the request may not be sent, and with another error when the connection
 * fails or ends without an answer, or the signal aborts.
 */
export type SendOutgoing = (
  request: OutgoingRequest,
  signal: AbortSignal,
  limitBytes: number,
) => Promise<OutgoingAnswer>;

/** `dns.lookup`, for all addresses of a name. */
export type ResolveHost = (
  host: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Of a URL and of a body. A notification has up to 64 KiB; nothing that is sent grows with what is stored. */
const MAX_URL_CHARS = 64 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;

/** @param resolveHost finds the addresses of a host name; by default as every program of this machine does */
export function createOutgoing(targets: OutgoingTargets, resolveHost: ResolveHost = lookup): SendOutgoing {
  const options = targets === 'loopback' ? { lookup: loopbackLookup(resolveHost) } : {};
  return async (request, signal, limitBytes) => {
    checkTarget(request, targets);
    return send(request, signal, limitBytes, options);
  };
}

/** Whether requests can be sent to a URL at all; whether they may, is decided when they are sent. */
export function isHttpUrl(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

/** @throws DeliveryRefused */
function checkTarget({ url, body }: OutgoingRequest, targets: OutgoingTargets): void {
  if (targets === 'off') throw new DeliveryRefused('not sent: the option --outgoing is off');
  if (!isHttpUrl(url)) throw new DeliveryRefused('not sent: the URL is neither http nor https');
  if (url.href.length > MAX_URL_CHARS)
    throw new DeliveryRefused(`not sent: the URL is over ${MAX_URL_CHARS} characters`);
  if (body.length > MAX_BODY_BYTES) throw new DeliveryRefused(`not sent: the body is over ${MAX_BODY_BYTES} bytes`);
  if (isControlApi(url)) throw new DeliveryRefused(`not sent: ${OWN_PREFIX}/ is the control API of an emulator`);
  // The parser of URLs has made dotted decimal of every other way to write an IPv4 address.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (targets === 'loopback' && isIP(host) !== 0 && !isLoopback(host)) throw notLoopback(host);
}

/** The control API lets requests of its own machine pass, so nobody may make the emulator send it one. */
function isControlApi({ pathname }: URL): boolean {
  return isOwnPath((decodeHttpPath(pathname) ?? pathname).replace(/^\/+/, '/'));
}

function notLoopback(host: string): DeliveryRefused {
  return new DeliveryRefused(`not sent: ${host} is not on this machine, and the option --outgoing is loopback`);
}

/** Gives the addresses that are connected to, so a name cannot have another address a moment after it was checked. */
function loopbackLookup(resolveHost: ResolveHost): LookupFunction {
  return (host, options, callback) => {
    resolveHost(host, { ...options, all: true }, (error, addresses) => {
      if (error) {
        callback(error, []);
        return;
      }
      const [first, ...others] = addresses.filter(({ address }) => isLoopback(address));
      if (!first) callback(notLoopback(host), []);
      else if (options.all) callback(null, [first, ...others]);
      else callback(null, first.address, first.family);
    });
  };
}

function send(
  { url, method, headers, body, serverName }: OutgoingRequest,
  signal: AbortSignal,
  limitBytes: number,
  options: Pick<RequestOptions, 'lookup'>,
): Promise<OutgoingAnswer> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const servername = serverName === undefined ? {} : { servername: serverName };
    const read = (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      const finish = (isCut: boolean) => {
        const bytes = Buffer.concat(chunks).subarray(0, limitBytes);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, isCut });
      };
      response.on('error', reject).on('end', () => finish(false));
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        sizeBytes += chunk.length;
        if (sizeBytes <= limitBytes) return;
        finish(true);
        request.destroy();
      });
    };
    // A new connection each time: the receiver may close a kept one at the moment in which it is used again.
    const request = start(url, { method, headers, signal, agent: false, ...servername, ...options }, read);
    // Last of all events, also when there was no answer, as after a switch of protocols.
    request.on('close', () => reject(new Error('the connection ended without an answer')));
    request.on('error', reject);
    request.end(body);
  });
}
