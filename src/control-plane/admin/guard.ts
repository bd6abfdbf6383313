/** Decides who may call what is below `/_emulator/`, by the table in endpoints.ts. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { hostName } from '../../aliyun/endpoint.ts';
import type { Log } from '../../base/log.ts';
import { splitTarget } from '../../http/address.ts';
import { OWN_PREFIX } from '../../http/own-path.ts';
import { sendAnswer } from '../../http/send.ts';
import { isLoopback } from '../../net/loopback.ts';
import { socketAddresses } from '../../net/socket-addresses.ts';
import { MARK_HEADER } from './answer-mark.ts';
import { callersOf } from './endpoints.ts';
import { TOKEN_HEADER } from './page-token.ts';
import { writeRefusal } from './written-refusal.ts';

export interface GuardOptions {
  /** Also lets callers on other machines in. */
  readonly anywhere: boolean;
  /** Host names of the emulator besides localhost and IP addresses, in lower case. */
  readonly names: readonly string[];
  /** What the page was given. No other document can read it. */
  readonly token: string;
  readonly log: Log;
}

/** Of every answer below the prefix: nobody else frames it, embeds it, or takes it for something else. */
const HEADERS = {
  [MARK_HEADER]: 'oss-livechannel',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Answers requests that are refused, and resolves to false for others. */
export function createGuard(
  options: GuardOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const refusal = guardRefusal(request, request.url ?? '/', options);
    if (refusal === undefined) return false;
    const remote = socketAddresses(request.socket).remoteAddr;
    options.log.info('control.refused', { method: request.method, remote, reason: refusal });
    await sendAnswer({ status: 403, ...writeRefusal(refusal, request.headers.accept) }, response);
    return true;
  };
}

/** Whether whoever sent a request would be given the page. */
export function mayOpenPage(request: IncomingMessage, options: GuardOptions): boolean {
  return guardRefusal(request, `${OWN_PREFIX}/`, options) === undefined;
}

/**
 * Why a request for `url` is refused, or undefined. Three checks: the machine; the Host header, because the name of a page
 * can be made to resolve to this machine; and, of browsers, which page asks.
 */
function guardRefusal(request: IncomingMessage, url: string, options: GuardOptions): string | undefined {
  const { headers, method = '', socket } = request;
  const { host = '' } = headers;
  const callers = callersOf(method, splitTarget(url).rawPath.slice(OWN_PREFIX.length));
  // The page has no service worker; one that somebody else brought in would see all that the page does.
  if (headers['service-worker'] !== undefined) return 'There are no service workers here.';
  if (callers === 'anyone') return undefined;
  const isMonitor = callers === 'monitor';
  if (!options.anywhere && !isMonitor && !isLoopback(socket.remoteAddress ?? '')) {
    return 'The control API answers callers on this machine only; start with --admin-anywhere to change that. Streams and rooms are watched from other machines at their addresses outside /_emulator/.';
  }
  if (!isOurName(hostName(host), options.names)) {
    return `The control API does not answer to the name "${hostName(host)}"; use localhost or an IP address, or start with --admin-host.`;
  }
  if (isFromElsewhere(request, isMonitor || callers === 'visitor')) {
    return 'The control API refuses web pages of other origins. Streams and rooms are watched in them at their addresses outside /_emulator/.';
  }
  if (callers === 'controller' && isFromBrowser(request) && !isToken(headers[TOKEN_HEADER], options.token)) {
    return 'In a browser only the page at /_emulator/ may call this; load it again if the emulator was started anew.';
  }
  return undefined;
}

/** The request comes from a document that is not of this origin. Source: Fetch Metadata, W3C. */
function isFromElsewhere({ method, headers }: IncomingMessage, mayBeLink: boolean): boolean {
  const { origin, host = '' } = headers;
  if (origin !== undefined && !isSameOrigin(origin, host)) return true;
  const site = headers['sec-fetch-site'];
  // `none`: the user typed the address.
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  const isLink =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return !(mayBeLink && isLink);
}

/**
 * Browsers send Origin with every request that may change something or that a page of another origin may read, and
 * Fetch Metadata with all others (over http only to this machine). `fetch` of Node sends none of it but
 * `Sec-Fetch-Mode: cors`, so that alone does not tell a browser from a program.
 */
function isFromBrowser({ headers }: IncomingMessage): boolean {
  const mode = headers['sec-fetch-mode'];
  return (
    headers.origin !== undefined ||
    headers['sec-fetch-site'] !== undefined ||
    headers['sec-fetch-dest'] !== undefined ||
    headers['sec-fetch-user'] !== undefined ||
    (mode !== undefined && mode !== 'cors')
  );
}

function isToken(sent: string | readonly string[] | undefined, token: string): boolean {
  if (typeof sent !== 'string') return false;
  const [left, right] = [Buffer.from(sent), Buffer.from(token)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** IP addresses need no name resolution, and browsers resolve `localhost` and the names below it themselves. */
function isOurName(name: string, names: readonly string[]): boolean {
  return name === '' || isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || names.includes(name);
}

function isSameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
