/** SRS (Simple Realtime Server), whose program is in no package registry: it is measured where its path is given. */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import {
  FRAGMENT_SEC,
  type IngestServer,
  LISTED_FRAGMENTS,
  onDisk,
  programMissing,
  type RunningIngestServer,
} from './ingest-server.ts';
import { programVersion } from './program-version.ts';

const MAX_CONNECTIONS = 4096;

/** @param program its path; undefined where it was not given */
export function srs(program: string | undefined): IngestServer {
  return {
    name: 'SRS',
    missing: () => (program === undefined ? 'give --srs PATH' : programMissing(program)),
    versions: () => [programVersion('SRS', program ?? '', '-v')],
    start: (folder) => start(program ?? '', folder),
  };
}

async function start(program: string, folder: string): Promise<RunningIngestServer> {
  const port = await freePort();
  const hls = join(folder, 'hls');
  await mkdir(hls, { recursive: true });
  const configuration = join(folder, 'srs.conf');
  await writeFile(configuration, srsConfiguration(port, folder, hls));
  const child = spawn(program, ['-c', configuration], { cwd: folder, stdio: 'ignore' });
  return onDisk(child, port, hls);
}

/** The names are those of its trunk/conf/full.conf. */
function srsConfiguration(port: number, folder: string, hls: string): string {
  return `listen 127.0.0.1:${port};
max_connections ${MAX_CONNECTIONS};
daemon off;
pid ${folder}/srs.pid;
srs_log_tank file;
srs_log_file ${folder}/srs.log;
srs_log_level warn;
vhost __defaultVhost__ {
  hls {
    enabled on;
    hls_path ${hls};
    hls_fragment ${FRAGMENT_SEC};
    hls_window ${LISTED_FRAGMENTS * FRAGMENT_SEC};
    hls_m3u8_file [stream]/index.m3u8;
    hls_ts_file [stream]/[seq].ts;
  }
}
`;
}
