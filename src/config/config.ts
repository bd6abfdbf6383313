import { isIP } from 'node:net';
import { isAccessKeyId } from '../aliyun/auth/access-keys.ts';
import { AUTH_MODES } from '../aliyun/auth/mode.ts';
import { isBucketName } from '../base/bucket-name.ts';
import { LOG_LEVELS } from '../base/log.ts';
import { BUCKET_ACLS, type BucketAcl } from '../storage/metadata/metadata-store.ts';

/** Every option once: its flag, variable, default, help and check. The README's table is generated from here. */
export interface OptionSpec<Value> {
  /** Without the leading `--`. */
  readonly flag: string;
  /** What stands behind the flag in the help; none for a switch. */
  readonly argument?: string;
  readonly variable: string;
  readonly repeatable?: boolean;
  /** As a person would type it; a repeatable option may have several. */
  readonly defaults: readonly string[];
  readonly help: string;
  /** @throws UsageError-worthy text: what is wrong with the value, in words that follow "must". */
  parse(texts: readonly string[]): Value;
}

export interface BucketOption {
  readonly name: string;
  readonly acl: BucketAcl;
}

/** A value that does not fit; the message follows the option's name, e.g. "must be a port, 0 to 65535". */
export class BadValue extends Error {}

export const OPTIONS = {
  host: single('host', 'ADDRESS', 'localhost', 'Address to listen on; localhost means 127.0.0.1 and ::1', nonEmpty),
  port: single('port', 'PORT', '9000', 'Port for everything: REST, playback and RTMP; 0 takes a free one', parsePort),
  rtmpPort: single(
    'rtmp-port',
    'PORT',
    '1935',
    'Second port for RTMP; 0 takes a free one, off opens none',
    parseRtmpPort,
  ),
  dataDir: single('data-dir', 'FOLDER', './.oss-livechannel', 'Where everything is kept', nonEmpty),
  memory: toggle('memory', 'Keep everything in memory, nothing on disk'),
  buckets: repeated(
    'bucket',
    'NAME[:ACL]',
    ['examplebucket:public-read'],
    `Bucket to create at start, with its ACL (${BUCKET_ACLS.join(', ')})`,
    parseBucket,
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
  credentials: optional('credentials', 'FILE', 'JSON file of more access keys (see Credentials)', nonEmpty),
  auth: single(
    'auth',
    'MODE',
    'strict',
    'Signatures: strict, loose (log what would be refused) or off',
    oneOf(AUTH_MODES),
  ),
  region: single('region', 'REGION', 'cn-hangzhou', 'Region the buckets are in', parseRegion),
  domains: repeated(
    'domain',
    'NAME',
    ['localhost', 'oss.localhost'],
    'Service domain; a name below it is virtual-host style',
    nonEmpty,
  ),
  cnames: repeated('cname', 'HOST=BUCKET', [], 'Custom host name of a bucket', parseCname),
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
  ),
  liveAuthKeys: repeated(
    'live-auth-key',
    'DOMAIN=KEY',
    [],
    'Key that signs ingest and playback URLs of a live domain (auth_key); * for every domain',
    parseDomainKey,
  ),
  liveApps: repeated(
    'live-app',
    'ID[=ACCESS_KEY_ID]',
    [],
    'Application (AppId) of rooms, and the only key that may use it; without any, every AppId is good',
    parseApplication,
  ),
  webRtcPort: single('webrtc-port', 'PORT', '9000', 'UDP port for watching by WebRTC; 0 takes a free one', parsePort),
  webRtcHosts: repeated(
    'webrtc-host',
    'ADDRESS',
    [],
    'Address at which browsers reach the UDP port besides those of this machine, e.g. of the host of a container',
    parseAddress,
  ),
  maxViewers: single('max-viewers', 'COUNT', '50', 'Most that may watch live streams and rooms at once', parseCount),
  seed: optional('seed', 'FILE', 'JSON file of buckets, channels and recordings to make at start', nonEmpty),
  webhook: optional('webhook', 'URL', 'Post what happens there, as JSON', parseWebhook),
  noAdmin: toggle('no-admin', 'Serve no page and no control API below /_emulator/'),
  adminAnywhere: toggle('admin-anywhere', 'Serve /_emulator/ to other machines too'),
  logLevel: single('log-level', 'LEVEL', 'info', LOG_LEVELS.join(', '), oneOf(LOG_LEVELS)),
} satisfies Record<string, OptionSpec<unknown>>;

export type Config = { readonly [Name in keyof typeof OPTIONS]: ReturnType<(typeof OPTIONS)[Name]['parse']> };

/** Every option at its default, but for the few that matter to the caller. */
export function defaultConfig(overrides: Partial<Config> = {}): Config {
  const values: Partial<Record<keyof Config, unknown>> = {};
  for (const name of optionNames()) values[name] = OPTIONS[name].parse(OPTIONS[name].defaults);
  // Every option of the table was just parsed by its own parser; no type follows a loop over it.
  return { ...(values as Config), ...overrides };
}

export function optionNames(): (keyof Config)[] {
  return Object.keys(OPTIONS) as (keyof Config)[];
}

function variableOf(flag: string): string {
  return `OSS_LIVECHANNEL_${flag.toUpperCase().replaceAll('-', '_')}`;
}

function single<Value>(
  flag: string,
  argument: string,
  value: string,
  help: string,
  parse: (text: string) => Value,
): OptionSpec<Value> {
  return {
    flag,
    argument,
    variable: variableOf(flag),
    defaults: [value],
    help,
    parse: (texts) => parse(texts.at(-1) ?? ''),
  };
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
  return { flag, argument, variable: variableOf(flag), defaults: [], help, parse: parseLast };
}

function repeated<Value>(
  flag: string,
  argument: string,
  defaults: readonly string[],
  help: string,
  parse: (text: string) => Value,
): OptionSpec<readonly Value[]> {
  return {
    flag,
    argument,
    variable: variableOf(flag),
    repeatable: true,
    defaults,
    help,
    parse: (texts) => texts.map(parse),
  };
}

function toggle(flag: string, help: string): OptionSpec<boolean> {
  const parse = ([text]: readonly string[]) => {
    if (text === undefined || text === 'false' || text === '0') return false;
    if (text === 'true' || text === '1') return true;
    throw new BadValue('be true or false');
  };
  return { flag, variable: variableOf(flag), defaults: [], help, parse };
}

function nonEmpty(text: string): string {
  if (text === '') throw new BadValue('not be empty');
  return text;
}

function parseAccessKeyId(text: string): string {
  if (isAccessKeyId(text)) return text;
  throw new BadValue('be letters, digits, dots, dashes and underscores');
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new BadValue('be a port, 0 to 65535');
}

function parseRtmpPort(text: string): number | undefined {
  if (text === 'off') return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new BadValue('be a port, 0 to 65535, or off');
}

function parseBucket(text: string): BucketOption {
  const [name = '', acl = 'private', ...more] = text.split(':');
  const known = BUCKET_ACLS.find((candidate) => candidate === acl);
  if (isBucketName(name) && known && more.length === 0) return { name, acl: known };
  throw new BadValue(`be NAME or NAME:ACL, with 3 to 63 of a-z, 0-9 and -, and one of ${BUCKET_ACLS.join(', ')}`);
}

function parseCname(text: string): { host: string; bucket: string } {
  const [host = '', bucket = '', ...more] = text.split('=');
  if (host !== '' && isBucketName(bucket) && more.length === 0) return { host: host.toLowerCase(), bucket };
  throw new BadValue('be HOST=BUCKET');
}

function parseBucketName(text: string): string {
  if (isBucketName(text)) return text;
  throw new BadValue('be a bucket name, 3 to 63 of a-z, 0-9 and -');
}

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new BadValue('be a number above 0');
}

function parseUtcOffset(text: string): number {
  const match = /^([+-])(\d{2}):(\d{2})$/.exec(text);
  if (!match || Number(match[2]) > 14 || Number(match[3]) > 59) throw new BadValue('be an offset like +08:00');
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}

function parseDomainKey(text: string): { domain: string; key: string } {
  const [domain = '', ...key] = text.split('=');
  if (domain !== '' && key.join('=') !== '') return { domain: domain.toLowerCase(), key: key.join('=') };
  throw new BadValue('be DOMAIN=KEY');
}

function parseApplication(text: string): { appId: string; accessKeyId: string | undefined } {
  const [appId = '', accessKeyId, ...more] = text.split('=');
  const isGood = /^[A-Za-z0-9_-]{1,64}$/.test(appId) && (accessKeyId === undefined || isAccessKeyId(accessKeyId));
  if (isGood && more.length === 0) return { appId, accessKeyId };
  throw new BadValue('be ID or ID=ACCESS_KEY_ID, the id 1 to 64 of A-Z, a-z, 0-9, _ and -');
}

function parseAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new BadValue('be an IP address');
}

function parseRegion(text: string): string {
  if (/^[a-z0-9-]+$/.test(text)) return text.replace(/^oss-/, '');
  throw new BadValue('be a region like cn-hangzhou');
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/') return url.origin;
  throw new BadValue('be a URL like http://media.example.test:9000');
}

function parseWebhook(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new BadValue('be an http or https URL');
}

function parseSeconds(text: string): number {
  if (/^\d{1,6}(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new BadValue('be a number of seconds above 0');
}

function oneOf<const Choice extends string>(choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    throw new BadValue(`be one of ${choices.join(', ')}`);
  };
}
