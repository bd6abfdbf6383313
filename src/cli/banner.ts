import { clientAuthority, publicUrlBase, type UrlBase } from '../aliyun/endpoint.ts';
import { type Config, OPTIONS } from '../config/config.ts';
import type { BucketOption } from '../config/option-values.ts';
import { tlsFolder } from '../config/tls.ts';
import { signChannel } from '../control-plane/control/signing.ts';
import type { ListenAddresses } from '../emulator/network.ts';
import { certificatePath } from '../net/certificate/kept.ts';
import { DEFAULT_PLAYLIST_NAME } from '../oss/channel/channel.ts';
import { shownObjectsUrl } from '../storage/objects/remote/objects-url.ts';
import { shownDatabaseUrl } from '../storage/postgres/shown-database-url.ts';

/** How long the stream key of the banner is valid. */
const KEY_LIFETIME_SEC = 24 * 60 * 60;

/** What a person needs to start, in lines to copy. */
export function banner(config: Config, addresses: ListenAddresses, nowMs: number, configFile?: string): string {
  const authority = clientAuthority(config.host, addresses.port);
  const [bucket] = config.buckets;
  const lines = [
    '',
    '  OSS LiveChannel emulator',
    '',
    `  Endpoint    ${config.publicUrl ?? `http://${authority}`}   region ${config.region}`,
    `  Access key  ${config.accessKeyId} / ${shownSecret(config.accessKeySecret)}`,
    ...(configFile === undefined ? [] : [`  Config      ${configFile}`]),
    ...dataLines(config),
    `  RTMP        ${rtmpPorts(addresses)}`,
  ];
  if (!config.noAdmin) lines.push(`  Page        ${pageUrl(config, authority)}`);
  if (config.tls || config.tlsCert !== undefined) lines.push(`  TLS         ${tlsHint(config)}`);
  const channel = config.channels[0];
  if (bucket !== undefined && channel !== undefined) {
    const { publicUrl } = config;
    const own: UrlBase = { scheme: 'http', style: 'path', authority };
    const base = publicUrl === undefined ? own : publicUrlBase(publicUrl);
    lines.push('', ...streamLines(config, base, bucket, channel, nowMs));
  }
  return `${lines.join('\n')}\n`;
}

/** With both elsewhere nothing but certificates is in the data folder, or in memory. */
function dataLines({ memory, dataDir, metadata, objects }: Config): readonly string[] {
  const isElsewhere = metadata !== undefined && objects !== undefined;
  return [
    ...(isElsewhere ? [] : [`  Data        ${memory ? 'in memory' : dataDir}`]),
    ...(metadata === undefined ? [] : [`  Metadata    ${shownDatabaseUrl(metadata)}`]),
    ...(objects === undefined ? [] : [`  Objects     ${shownObjectsUrl(objects)}`]),
  ];
}

/** That of the documentation is known to everybody; another one is not written to a terminal, or to the log of a container. */
function shownSecret(secret: string): string {
  return OPTIONS.accessKeySecret.defaults.includes(secret) ? secret : '(as configured)';
}

/**
 * Where connections may have to begin with a PROXY header, a browser has to go through the proxy. Other machines get the page with
 * `--admin-anywhere` only.
 */
function pageUrl({ publicUrl, proxyProtocol, adminAnywhere }: Config, authority: string): string {
  const base = proxyProtocol.length > 0 || adminAnywhere ? publicUrl : undefined;
  return `${base ?? `http://${authority}`}/_emulator/`;
}

function rtmpPorts({ port, rtmpPort }: ListenAddresses): string {
  return rtmpPort === undefined ? `port ${port}` : `ports ${port} and ${rtmpPort}`;
}

function tlsHint(config: Config): string {
  const folder = tlsFolder(config);
  const isSelfMade = config.tlsCert === undefined;
  const trust = isSelfMade && folder !== undefined ? `; to trust it: ${certificatePath(folder)}` : '';
  return `https:// and rtmps:// on the same ports${trust}`;
}

/** Server and stream key for OBS, a command for ffmpeg, and the URL to play. */
function streamLines(config: Config, base: UrlBase, bucket: BucketOption, channel: string, nowMs: number): string[] {
  const key = { accessKeyId: config.accessKeyId, accessKeySecret: config.accessKeySecret };
  const target = {
    bucket: bucket.name,
    channel,
    playlistName: DEFAULT_PLAYLIST_NAME,
    parameters: {},
    isPrivate: bucket.acl === 'private',
  };
  const signed = signChannel(base, target, key, nowMs + KEY_LIFETIME_SEC * 1000);
  return [
    `  Channel     ${channel} in bucket ${bucket.name}; the stream key is good for 24 hours`,
    `  OBS         Server      ${signed.server}`,
    `              Stream key  ${signed.streamKey}`,
    `  ffmpeg      ${signed.ffmpeg}`,
    `  Play        ${signed.playUrl}`,
  ];
}
