import { AUTH_MODES } from '../aliyun/auth/mode.ts';
import { CLOCK_SKEWS } from '../aliyun/auth/request-time.ts';
import { LOG_LEVELS } from '../base/log.ts';
import { OUTGOING_TARGETS } from '../http/outgoing.ts';
import { BUCKET_ACLS } from '../storage/metadata/records.ts';
import {
  BadValue,
  nonEmpty,
  oneOf,
  parseAccessKeyId,
  parseAddress,
  parseApplication,
  parseBucket,
  parseBucketName,
  parseCname,
  parseCount,
  parseDomainKey,
  parseDuration,
  parseHostName,
  parseMetadataUrl,
  parseNetworks,
  parseNodeName,
  parseNodeUrl,
  parseObjectsUrl,
  parsePort,
  parseRegion,
  parseRtmpPort,
  parseSeconds,
  parseUrl,
  parseUtcOffset,
  parseWebhook,
} from './option-values.ts';
import {
  applicationForm,
  bucketForm,
  cnameForm,
  domainKeyForm,
  networksForm,
  utcOffsetForm,
  type ValueForm,
} from './value-forms.ts';

/** Every option once: its flag, variable, default, help and check. The README's table is generated from here. */
export interface OptionSpec<Value> {
  /** Without the leading `--`. */
  readonly flag: string;
  /** Name of the value in the help; none for a switch. */
  readonly argument?: string;
  readonly variable: string;
  readonly repeatable?: boolean;
  /**
   * What its value is. A path in a configuration file is relative to the folder of the file, and so is a program unless it is
   * only a name.
   */
  readonly kind: 'switch' | 'number' | 'text' | 'path' | 'program';
  /** What may stand instead of a number. */
  readonly words?: readonly string[];
  /** What a program may give instead of a text. */
  readonly form?: ValueForm;
  /** Whether a value may have a secret in it, so that messages must not repeat it. */
  readonly isSecret: boolean;
  /** In the form of the command line; a repeatable option may have several. */
  readonly defaults: readonly string[];
  readonly help: string;
  /** @throws BadValue when a value does not fit */
  parse(texts: readonly string[]): Value;
}

export const OPTIONS = {
  host: single('host', 'ADDRESS', 'localhost', 'Address to listen on; localhost means 127.0.0.1 and ::1', nonEmpty),
  port: single('port', 'PORT', '9000', 'Port for everything: REST, playback and RTMP; 0 takes a free one', parsePort),
  rtmpPort: single(
    'rtmp-port',
    'PORT',
    '1935',
    'Second port for RTMP; 0 takes a free one, off opens none',
    parseRtmpPort,
    { words: ['off'] },
  ),
  dataDir: single('data-dir', 'FOLDER', './.oss-livechannel', 'Where everything is kept', nonEmpty),
  memory: toggle('memory', 'Keep everything in memory, nothing on disk'),
  metadata: optional(
    'metadata',
    'URL',
    'Keep the metadata in PostgreSQL: postgres://user@host/database (better as a variable, if it has a password)',
    parseMetadataUrl,
  ),
  nodeName: optional(
    'node-name',
    'NAME',
    'Name of this node among those that share a database, for people; default the host name',
    parseNodeName,
  ),
  nodeUrl: optional(
    'node-url',
    'URL',
    'Address at which the other nodes reach this one, like http://10.0.0.5:9000; default that of --host, if it is one address',
    parseNodeUrl,
  ),
  objects: optional(
    'objects',
    'URL',
    'Keep the bytes of objects in another store: s3://bucket/prefix?endpoint=...&region=..., or oss://',
    parseObjectsUrl,
  ),
  buckets: repeated(
    'bucket',
    'NAME[:ACL]',
    ['examplebucket:public-read'],
    `Bucket to create at start, with its ACL (${BUCKET_ACLS.join(', ')})`,
    parseBucket,
    bucketForm,
  ),
  channels: repeated(
    'channel',
    'NAME',
    ['test-channel'],
    'LiveChannel to create at start in the first bucket',
    nonEmpty,
  ),
  accessKeyId: single('access-key-id', 'ID', 'emulator-ak', 'The access key that signs', parseAccessKeyId),
  accessKeySecret: single('access-key-secret', 'SECRET', 'emulator-secret', 'Its secret', nonEmpty),
  credentials: optional(
    'credentials',
    'FILE',
    'JSON file of more access keys (see Credentials in the README)',
    nonEmpty,
  ),
  auth: single(
    'auth',
    'MODE',
    'strict',
    'Signatures: strict, loose (log what would be refused) or off',
    oneOf(AUTH_MODES),
  ),
  clockSkew: single(
    'clock-skew',
    'CLOCK',
    'either',
    'Clock that the time of a signed request must be near to: emulated, or either that or the real one',
    oneOf(CLOCK_SKEWS),
  ),
  region: single('region', 'REGION', 'cn-hangzhou', 'Region the buckets are in', parseRegion),
  domains: repeated(
    'domain',
    'NAME',
    ['localhost', 'oss.localhost'],
    'Service domain; a name below it is virtual-host style',
    nonEmpty,
  ),
  cnames: repeated('cname', 'HOST=BUCKET', [], 'Custom host name of a bucket', parseCname, cnameForm),
  publicUrl: optional(
    'public-url',
    'URL',
    'Address that answers give to clients instead of the one they used',
    parseUrl,
  ),
  tls: toggle('tls', 'Speak TLS too, on the same ports (https, rtmps), with a self-made certificate'),
  tlsCert: optional('tls-cert', 'FILE', 'PEM certificate, or chain, to speak TLS with instead', nonEmpty),
  tlsKey: optional('tls-key', 'FILE', 'PEM private key of it', nonEmpty),
  segmenter: single(
    'segmenter',
    'KIND',
    'mpeg-ts',
    'Who cuts the stream: mpeg-ts (in process) or ffmpeg',
    oneOf(['mpeg-ts', 'ffmpeg']),
  ),
  ffmpeg: optional('ffmpeg', 'PATH', 'The ffmpeg program, if not ffmpeg-static or the one on PATH', nonEmpty),
  playlistExtensions: repeated(
    'playlist-extension',
    'NAME',
    [],
    'Write a tag into the live playlists of channels that the service does not write: discontinuity-sequence',
    oneOf(['discontinuity-sequence']),
  ),
  idleTimeoutSec: single('idle-timeout', 'SECONDS', '10', 'End a push that has been silent for so long', parseSeconds),
  disableDelaySec: single(
    'disable-delay',
    'SECONDS',
    '10',
    'End a push so long after its channel was disabled',
    parseSeconds,
  ),
  liveDomains: repeated(
    'live-domain',
    'NAME',
    [],
    'Domain of ApsaraVideo Live; without any, every domain is good',
    nonEmpty,
  ),
  liveRecordBucket: optional(
    'live-record-bucket',
    'NAME',
    'Record live streams without a configuration too, in 5 s slices into this bucket',
    parseBucketName,
  ),
  liveMaxSlices: single(
    'live-max-slices',
    'COUNT',
    '69120',
    'Most slices that one record index file may list',
    parseCount,
  ),
  liveUtcOffsetMs: single(
    'live-utc-offset',
    'OFFSET',
    '+00:00',
    'Time zone of times in the names of live recordings, e.g. +08:00',
    parseUtcOffset,
    { form: utcOffsetForm },
  ),
  liveAuthKeys: repeated(
    'live-auth-key',
    'DOMAIN=KEY',
    [],
    'Key that signs ingest and playback URLs of a live domain (auth_key); * for every domain',
    parseDomainKey,
    domainKeyForm,
  ),
  liveApps: repeated(
    'live-app',
    'ID[=ACCESS_KEY_ID]',
    [],
    'Application (AppId) of rooms, and the only key that may use it; without any, every AppId is good',
    parseApplication,
    applicationForm,
  ),
  webrtcPort: single('webrtc-port', 'PORT', '9000', 'UDP port for watching by WebRTC; 0 takes a free one', parsePort),
  webrtcHosts: repeated(
    'webrtc-host',
    'ADDRESS',
    [],
    'Address at which browsers reach the UDP port besides those of this machine, e.g. of the host of a container',
    parseAddress,
  ),
  hlsGraceSec: single(
    'hls-grace',
    'SECONDS',
    '10',
    'How long the HLS playlist of a live stream stays open after its push, for another one to continue it; 0 ends it at once',
    parseDuration,
  ),
  maxConnections: single(
    'max-connections',
    'COUNT',
    '4096',
    'Most connections at once, of all protocols; fewer where the system allows fewer open files',
    parseCount,
  ),
  maxConnectionsPerAddress: single(
    'max-connections-per-address',
    'COUNT',
    '2048',
    'Most connections at once from one address',
    parseCount,
  ),
  proxyProtocol: repeated(
    'proxy-protocol',
    'CIDR[,CIDR]',
    [],
    'Networks of the proxies in front, which name their clients in a PROXY header of version 2 (haproxy: send-proxy-v2)',
    parseNetworks,
    networksForm,
  ),
  drainTimeoutSec: single(
    'drain-timeout',
    'SECONDS',
    '0',
    'At SIGTERM, and after POST /_emulator/drain, take no new pushes and let the present ones go on for so long; a second signal ends at once',
    parseDuration,
  ),
  maxWaitSec: single(
    'max-wait',
    'SECONDS',
    '5',
    'While requests wait for longer, answer some of them 503 instead, with Retry-After; 0 lets them wait',
    parseDuration,
  ),
  maxPushWaitSec: single(
    'max-push-wait',
    'SECONDS',
    '0.5',
    'While everything waits for longer, in three measurements in a row, refuse new pushes to protect those that go on; 0 takes them',
    parseDuration,
  ),
  maxViewers: single('max-viewers', 'COUNT', '50', 'Most that may watch live streams and rooms at once', parseCount),
  seed: optional('seed', 'FILE', 'JSON file of buckets, channels and recordings to make at start', nonEmpty),
  import: optional(
    'import',
    'FILE',
    'Export to begin with, and to return to by a reset; in memory, unless --data-dir names a folder that holds nothing yet',
    nonEmpty,
  ),
  exportOnExit: optional(
    'export-on-exit',
    'FILE',
    'Write an export there at the end; may be the file of --import, which then need not be there at first',
    nonEmpty,
  ),
  webhook: optional('webhook', 'URL', 'Post what happens there, as JSON', parseWebhook),
  outgoing: single(
    'outgoing',
    'WHERE',
    'any',
    'Where requests of the emulator (webhook, callbacks, notifications) may go: any, loopback or off',
    oneOf(OUTGOING_TARGETS),
  ),
  noAdmin: toggle('no-admin', 'Serve no page and no control API below /_emulator/'),
  adminAnywhere: toggle(
    'admin-anywhere',
    'Serve /_emulator/ to other machines too, at IP addresses and the names of --admin-host',
  ),
  adminHosts: repeated(
    'admin-host',
    'NAME',
    [],
    'Host name at which /_emulator/ is served besides localhost, IP addresses and the service domains',
    parseHostName,
  ),
  logLevel: single('log-level', 'LEVEL', 'info', LOG_LEVELS.join(', '), oneOf(LOG_LEVELS)),
} satisfies Record<string, OptionSpec<unknown>>;

export type Config = { readonly [Name in keyof typeof OPTIONS]: ReturnType<(typeof OPTIONS)[Name]['parse']> };

/** Every option at its default, except for `overrides`. */
export function defaultConfig(overrides: Partial<Config> = {}): Config {
  const values: Partial<Record<keyof Config, unknown>> = {};
  for (const name of optionNames()) values[name] = OPTIONS[name].parse(OPTIONS[name].defaults);
  // The cast: every option was parsed by its own parser, which TypeScript cannot express in a loop.
  return { ...(values as Config), ...overrides };
}

export function optionNames(): (keyof Config)[] {
  return Object.keys(OPTIONS) as (keyof Config)[];
}

function kindOf(argument: string): OptionSpec<unknown>['kind'] {
  if (['PORT', 'SECONDS', 'COUNT'].includes(argument)) return 'number';
  if (argument === 'PATH') return 'program';
  return ['FILE', 'FOLDER'].includes(argument) ? 'path' : 'text';
}

function variableOf(flag: string): string {
  return `OSS_LIVECHANNEL_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** What follows from the flag and the name of its value. */
function described(flag: string, argument: string, help: string) {
  // A password may be in any URL.
  const isSecret = ['URL', 'SECRET', 'DOMAIN=KEY'].includes(argument);
  return { flag, argument, variable: variableOf(flag), kind: kindOf(argument), isSecret, help };
}

function single<Value>(
  flag: string,
  argument: string,
  value: string,
  help: string,
  parse: (text: string) => Value,
  instead: Pick<OptionSpec<Value>, 'words' | 'form'> = {},
): OptionSpec<Value> {
  const parseLast = (texts: readonly string[]) => parse(texts.at(-1) ?? '');
  return { ...described(flag, argument, help), ...instead, defaults: [value], parse: parseLast };
}

function optional<Value>(
  flag: string,
  argument: string,
  help: string,
  parse: (text: string) => Value,
): OptionSpec<Value | undefined> {
  const parseLast = (texts: readonly string[]) => {
    const text = texts.at(-1);
    return text === undefined ? undefined : parse(text);
  };
  return { ...described(flag, argument, help), defaults: [], parse: parseLast };
}

function repeated<Value>(
  flag: string,
  argument: string,
  defaults: readonly string[],
  help: string,
  parse: (text: string) => Value,
  form?: ValueForm,
): OptionSpec<readonly Value[]> {
  const parseAll = (texts: readonly string[]) => texts.map(parse);
  return { ...described(flag, argument, help), ...(form && { form }), repeatable: true, defaults, parse: parseAll };
}

function toggle(flag: string, help: string): OptionSpec<boolean> {
  const parse = ([text]: readonly string[]) => {
    if (text === undefined || text === 'false' || text === '0') return false;
    if (text === 'true' || text === '1') return true;
    throw new BadValue('be true or false');
  };
  return { flag, variable: variableOf(flag), kind: 'switch', isSecret: false, defaults: [], help, parse };
}
