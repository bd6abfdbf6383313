import { httpOrigin } from '../aliyun/endpoint.ts';
import type { Config } from '../config/config.ts';
import { Emulator } from '../emulator/emulator.ts';
import { type EmulatorOptions, readOptions } from './emulator-options.ts';
import { environmentOf } from './environment.ts';
import type { RunningEmulator } from './running-emulator.ts';

/**
 * Starts an emulator and resolves when its ports answer. Several may run in one process; none of them ends the process.
 *
 * @example
 * const emulator = await startEmulator({ buckets: ['media'] });
 * const client = new OSS(emulator.aliOssOptions);
 * await client.putChannel('cam', { Description: '', Status: 'enabled', Target: { Type: 'HLS' } });
 * const push = await emulator.publish({ channel: 'cam', durationSec: 12, speed: 'max' });
 * await push.done;
 * await emulator.stop();
 *
 * @example
 * await using emulator = await startEmulator();
 *
 * @throws UsageError when an option is unknown or has a value that does not fit (the message names it), or a port is taken
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<RunningEmulator> {
  const { config, ...deps } = readOptions(options);
  const emulator = new Emulator(config, deps);
  await emulator.start();
  return describe(emulator);
}

function describe(emulator: Emulator): RunningEmulator {
  const { config, clock, faults, events, control } = emulator;
  const { port, rtmpPort } = emulator.addresses;
  const { accessKeyId, accessKeySecret, region } = config;
  const endpoint = httpOrigin(control.urls.base);
  const bucket = config.buckets[0]?.name ?? '';
  return {
    endpoint,
    port,
    rtmpPort,
    bucket,
    region,
    clock,
    faults,
    events,
    credentials: { accessKeyId, accessKeySecret },
    aliOssOptions: { ...aliOssEndpoint(config, endpoint, port), accessKeyId, accessKeySecret, bucket },
    env: environmentOf(emulator),
    sign: (request) => control.urls.sign(request),
    rtmpUrl: async (channel, ofBucket = bucket) => (await control.urls.sign({ channel, bucket: ofBucket })).url,
    playUrl: async (channel, ofBucket = bucket) => (await control.urls.sign({ channel, bucket: ofBucket })).playUrl,
    channels: () => control.channels.list(),
    streams: () => control.live.streams(),
    roomAddress: (request) => control.live.roomAddress(request),
    rooms: () => control.live.rooms(),
    callbacks: () => control.live.callbacks(),
    seed: (seed) => control.seed(seed),
    runLifecycle: (ofBucket) => control.runLifecycle(ofBucket),
    publish: (request) => control.publishes.start(request),
    backUp: (folder) => control.backUp(folder),
    reset: (ofBucket) => control.reset(ofBucket),
    stop: () => emulator.stop(),
    [Symbol.asyncDispose]: () => emulator.stop(),
  };
}

/** With an IP address instead of a name, ali-oss would send requests to the host name of the real cloud. */
function aliOssEndpoint({ host, region }: Config, endpoint: string, port: number) {
  const named = host === 'localhost' ? `http://localhost:${port}` : endpoint;
  return { endpoint: named, region: `oss-${region}`, sldEnable: true as const };
}
