/** The requests to a small and to a large data folder. */
import { send } from './http-load.ts';
import { BUCKET, channelName, DAY_START_SEC, FRAGMENTS_PER_DAY, VERSIONED_BUCKET } from './scale-contents.ts';
import type { BenchServer } from './server.ts';
import { type Signable, signOss } from './sign.ts';

export interface ScaleOperation {
  readonly name: string;
  /** How many requests make one sample; the CPU clock counts in hundredths of a second. */
  readonly requests: number;
  request(n: number): Signable;
}

/** Both folders have this data. */
const CHANNELS = 1_000;
const DAY = `startTime=${DAY_START_SEC}&endTime=${DAY_START_SEC + FRAGMENTS_PER_DAY - 1}`;
const HOUR = `startTime=${DAY_START_SEC}&endTime=${DAY_START_SEC + 3_599}`;
const LIST = 'live&max-keys=100&marker=channel-000500';
const BODY = Buffer.alloc(1024, 0x47);
const CONFIGURATION = Buffer.from(
  '<LiveChannelConfiguration><Target><Type>HLS</Type></Target></LiveChannelConfiguration>',
);
const KEY_PAIR = { id: 'emulator-ak', secret: 'emulator-secret' };

const channelKey = (n: number) => channelName((n * 7) % CHANNELS);

export const SCALE_OPERATIONS: readonly ScaleOperation[] = [
  operation('GetLiveChannelInfo', 500, (n) => get(channelKey(n), 'live')),
  operation('GetLiveChannelStat', 500, (n) => get(channelKey(n), 'live&comp=stat')),
  operation('GetLiveChannelHistory', 500, (n) => get(channelKey(n), 'live&comp=history')),
  operation('ListLiveChannel, 100 of them', 100, () => get('', LIST)),
  operation('PutLiveChannel', 500, (n) => ({ ...get(channelKey(n), 'live'), method: 'PUT', body: CONFIGURATION })),
  operation('PutObject, 1 KiB', 500, (n) => ({ ...get(`new/${n % 50}`), method: 'PUT', body: BODY })),
  operation('GetObject, 1 KiB', 500, (n) => get(`new/${n % 50}`)),
  operation('ListObjects, 100 of them', 100, () => get('', `prefix=${channelName(0)}/&max-keys=100`)),
  operation('ListObjects, 100 behind all delete markers', 100, () => list('max-keys=100')),
  operation('ListObjectVersions, 100 of them', 100, () => list('versions&max-keys=100&key-marker=kept/0000005')),
  operation('ListObjectVersions, 2 folders', 100, () => list('versions&max-keys=100&delimiter=/')),
  operation('PutObject, 1 KiB, a new version', 500, (n) => {
    return { method: 'PUT', bucket: VERSIONED_BUCKET, key: `new/${n % 50}`, body: BODY };
  }),
  operation('GetVodPlaylist, one hour', 50, () => get(channelName(0), `vod&${HOUR}`)),
  operation('GetVodPlaylist, one day of 1 s fragments', 5, () => get(channelName(0), `vod&${DAY}`)),
  operation('PostVodPlaylist, one day of 1 s fragments', 5, () => ({
    ...get(`${channelName(0)}/day.m3u8`, `vod&${DAY}`),
    method: 'POST',
  })),
];

/** One after the other, so that only the work of the server is counted. */
export async function cpuMsPerRequest(server: BenchServer, { requests, request }: ScaleOperation): Promise<number> {
  const host = `127.0.0.1:${server.port}`;
  const signed = Array.from({ length: requests }, (_, n) => signOss(request(n), host, KEY_PAIR, Date.now()));
  const startedMs = server.cpuMs();
  for (const wire of signed) await send(server, wire);
  return (server.cpuMs() - startedMs) / requests;
}

function operation(name: string, requests: number, request: (n: number) => Signable): ScaleOperation {
  return { name, requests, request };
}

function get(key: string, query?: string): Signable {
  return { method: 'GET', bucket: BUCKET, key, ...(query !== undefined && { query }) };
}

function list(query: string): Signable {
  return { method: 'GET', bucket: VERSIONED_BUCKET, key: '', query };
}
