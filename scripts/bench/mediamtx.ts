/** MediaMTX, whose program is in no package registry: it is measured where its path is given. */
import { spawn } from 'node:child_process';
import { link, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import {
  FRAGMENT_SEC,
  fileOf,
  type IngestServer,
  LISTED_FRAGMENTS,
  onDisk,
  programMissing,
  type RunningIngestServer,
} from './ingest-server.ts';
import { programVersion } from './program-version.ts';

/** @param program its path; undefined where it was not given */
export function mediaMtx(program: string | undefined): IngestServer {
  return {
    name: 'MediaMTX',
    missing: () => (program === undefined ? 'give --mediamtx PATH' : programMissing(program)),
    versions: () => [programVersion('MediaMTX', program ?? '', '--version')],
    start: (folder, publishers) => start(program ?? '', folder, publishers),
  };
}

async function start(program: string, folder: string, publishers: number): Promise<RunningIngestServer> {
  const [port, hlsPort] = [await freePort(), await freePort()];
  const hls = join(folder, 'hls');
  await mkdir(hls, { recursive: true });
  const configuration = join(folder, 'mediamtx.yml');
  await writeFile(configuration, mediaMtxConfiguration(port, hlsPort, hls));
  const child = spawn(program, [configuration], { cwd: folder, stdio: 'ignore' });
  const running = await onDisk(child, port, hls);
  const kept = join(folder, 'kept');
  const keptPlaylists = new Map<number, string>();
  const fileName = (uri: string) => basename(uri.replace(/\?.*$/, ''));
  const keptFile = (n: number, uri: string) => join(kept, `${n}-${fileName(uri)}`);
  return {
    ...running,
    playlist: async (n) => keptPlaylists.get(n) ?? (await mediaPlaylist(`http://127.0.0.1:${hlsPort}/live/c-${n}/`)),
    fragment: (n, uri) => fileOf(keptFile(n, uri)),
    async keep() {
      await mkdir(kept);
      for (let n = 0; n < publishers; n++) {
        const text = (await mediaPlaylist(`http://127.0.0.1:${hlsPort}/live/c-${n}/`)) ?? '';
        for (const [, uri = ''] of text.matchAll(/#EXTINF:.*\n(\S+)/g)) {
          await link(join(hls, 'live', `c-${n}`, fileName(uri)), keptFile(n, uri));
        }
        keptPlaylists.set(n, text);
      }
    },
  };
}

/** The address of a stream has a playlist of playlists. */
async function mediaPlaylist(base: string): Promise<string | undefined> {
  const variants = await textAt(`${base}index.m3u8`);
  const name = variants?.split('\n').find((line) => line !== '' && !line.startsWith('#'));
  return name === undefined ? undefined : textAt(new URL(name, base).href);
}

async function textAt(url: string): Promise<string | undefined> {
  const response = await fetch(url);
  const text = await response.text();
  return response.ok ? text : undefined;
}

/**
 * The names are those of its mediamtx.yml. It makes HLS when somebody watches, unless it is told to make it always; its
 * own default of fragmented MP4 for low latency is another kind of work than the others do.
 */
function mediaMtxConfiguration(port: number, hlsPort: number, hls: string): string {
  return `logLevel: warn
rtmp: true
rtmpEncryption: "no"
rtmpAddress: 127.0.0.1:${port}
hls: true
hlsAddress: 127.0.0.1:${hlsPort}
hlsAlwaysRemux: true
hlsVariant: mpegts
hlsSegmentCount: ${LISTED_FRAGMENTS}
hlsSegmentDuration: ${FRAGMENT_SEC}s
hlsDirectory: ${hls}
rtsp: false
webrtc: false
srt: false
paths:
  all_others:
`;
}
