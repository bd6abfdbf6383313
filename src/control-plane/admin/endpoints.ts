/**
 * Who may call what below `/_emulator/`. The guard, docs/control-api.md and the test of every endpoint with every kind of
 * caller are made from this table.
 */
import { API } from './control-api.ts';
import type { Callers, Route } from './route.ts';

export interface OwnEndpoint {
  readonly method: Route['method'];
  /** Below the prefix, with `:name` for parameters. */
  readonly path: string;
  /** The paths that are meant, as received. */
  readonly pattern: RegExp;
  readonly callers: Callers;
  /** One line for the documentation. */
  readonly what: string;
}

/** RFC 3986, 3.3, without what only some parsers of URLs take for the end of a path. */
const SEGMENT = "[\\w%.~@!$&'()*+,;=:-]+";

const CALLS = Object.values<Route>(API).map(({ method, path, callers = 'controller', what }) =>
  endpoint(method, path, callers, what),
);

export const OWN_ENDPOINTS: readonly OwnEndpoint[] = [
  endpoint('GET', '/', 'visitor', 'The page.', /^\/?$/),
  endpoint(
    'GET',
    '/:file',
    'visitor',
    'Its scripts and styles, and their licences.',
    /^\/[a-z][\w.]*(-[A-Z0-9]{8})?\.(html|js|css|txt)$/,
  ),
  endpoint('GET', '/errors', 'visitor', 'Why a call of ApsaraVideo Live was refused.'),
  endpoint('GET', '/live/:app/:stream', 'visitor', 'Leads to a stream on the page.', /^\/live\/[^/]+\/[\w%~@+-]+$/),
  endpoint('GET', '/rooms/:appId/:channelId', 'visitor', 'Leads to a room on the page.'),
  endpoint('GET', '/rooms/:appId/:channelId/:userId', 'visitor', 'The same.'),
  endpoint(
    'GET',
    '/live/:app/:file',
    'viewer',
    'A stream as `.flv`, `.m3u8` and `.ts`.',
    new RegExp(`^/live/${SEGMENT}/${SEGMENT}\\.(flv|m3u8|ts)$`),
  ),
  endpoint('POST', '/live/:app/:stream', 'viewer', 'Takes an offer to watch a stream (WHEP, RTS).'),
  endpoint('POST', '/rooms/:appId/:channelId/:userId', 'viewer', 'Takes an offer to watch a user of a room.'),
  endpoint('GET', '/callback_pub_key_v1.pem', 'anyone', 'The public key of upload callbacks, for their receivers.'),
  endpoint('GET', '/mns/cert.pem', 'anyone', 'The certificate of pushes of MNS, for their receivers.'),
  ...CALLS,
];

/**
 * Who may make a request. Whatever is not exactly one of the open endpoints is for controllers, so a path that a router
 * reads as another one is never open by mistake.
 *
 * @param path below the prefix, as received
 */
export function callersOf(method: string, path: string): Callers {
  const asked = method === 'HEAD' ? 'GET' : method;
  const open = OWN_ENDPOINTS.find(
    ({ callers, method: its, pattern }) => callers !== 'controller' && its === asked && pattern.test(path),
  );
  return open?.callers ?? 'controller';
}

/** The methods of a path, as received below the prefix; none when there is nothing. */
export function methodsOf(path: string): readonly string[] {
  const methods = OWN_ENDPOINTS.flatMap(({ method, pattern }) => {
    if (!pattern.test(path)) return [];
    return method === 'GET' ? ['GET', 'HEAD'] : [method];
  });
  return [...new Set(methods)];
}

function endpoint(
  method: OwnEndpoint['method'],
  path: string,
  callers: Callers,
  what: string,
  pattern = new RegExp(`^${path.replaceAll('.', '\\.').replace(/:\w+/g, SEGMENT)}$`),
): OwnEndpoint {
  return { method, path, pattern, callers, what };
}
