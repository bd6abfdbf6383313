import { signRtmpUrl } from './auth/rtmp-url.ts';
import { certificatePath } from './certificate/kept.ts';
import type { Config } from './config.ts';
import type { ListenAddresses } from './emulator.ts';
import { tlsFolder } from './tls.ts';

/** How long the banner's stream key is good for. */
const KEY_LIFETIME_SEC = 24 * 60 * 60;

/** What a person needs to begin, to copy line by line. */
export function banner(config: Config, addresses: ListenAddresses, nowMs: number): string {
  const host = config.host === 'localhost' || config.host === '0.0.0.0' ? '127.0.0.1' : config.host;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${addresses.port}`;
  const bucket = config.buckets[0]?.name;
  const lines = [
    '',
    '  OSS LiveChannel emulator',
    '',
    `  Endpoint    ${config.publicUrl ?? `http://${authority}`}   region ${config.region}`,
    `  Access key  ${config.accessKeyId} / ${config.accessKeySecret}`,
    `  Data        ${config.memory ? 'in memory' : config.dataDir}`,
    `  RTMP        ${rtmpPorts(addresses)}`,
  ];
  if (!config.noAdmin) lines.push(`  Page        http://${authority}/_emulator/`);
  if (config.tls || config.tlsCert !== undefined) lines.push(`  TLS         ${tlsHint(config)}`);
  const channel = config.channels[0];
  if (bucket !== undefined && channel !== undefined) {
    lines.push('', ...streamLines(config, `${authority}/${bucket}`, { bucket, channel }, nowMs));
  }
  return `${lines.join('\n')}\n`;
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

/** Server and key as OBS asks for them, the same in an ffmpeg line, and where it plays. */
function streamLines(
  config: Config,
  base: string,
  target: { bucket: string; channel: string },
  nowMs: number,
): string[] {
  const key = { accessKeyId: config.accessKeyId, accessKeySecret: config.accessKeySecret };
  const query = signRtmpUrl(target, key, Math.floor(nowMs / 1000) + KEY_LIFETIME_SEC);
  const channel = encodeURIComponent(target.channel);
  const server = `rtmp://${base}/live`;
  const source = '-re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine=frequency=440';
  const codecs = '-c:v libx264 -preset veryfast -g 60 -pix_fmt yuv420p -c:a aac';
  return [
    `  Channel     ${target.channel} in bucket ${target.bucket}; the stream key is good for 24 hours`,
    `  OBS         Server      ${server}`,
    `              Stream key  ${channel}?${query}`,
    `  ffmpeg      ffmpeg ${source} ${codecs} -f flv '${server}/${channel}?${query}'`,
    `  Play        http://${base}/${channel}/playlist.m3u8`,
  ];
}
