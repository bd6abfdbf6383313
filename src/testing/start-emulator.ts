import { httpOrigin } from '../aliyun/endpoint.ts';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import { UsageError } from '../base/errors.ts';
import { type Log, silentLog } from '../base/log.ts';
import { unknownName } from '../base/nearest.ts';
import { type Config, OPTIONS, type OptionSpec, optionNames } from '../config/config.ts';
import type { ConfigFields } from '../config/config-fields.ts';
import { type BucketOption, readValue } from '../config/option-values.ts';
import type { Seed } from '../control-plane/seed/seed.ts';
import { Emulator } from '../emulator/emulator.ts';
import { environmentOf } from './environment.ts';
import type { RunningEmulator } from './running-emulator.ts';

/** Options of one emulator; every field has a default. All of them with their flags and variables: docs/options.md. */
export interface EmulatorOptions extends Omit<ConfigFields, 'buckets' | 'seed'> {
  /** Created at start and by every reset, e.g. `['media', 'public:public-read']`; default `['examplebucket:public-read']`. */
  readonly buckets?: readonly (BucketOption | string)[];
  /** Made at start and by every reset: the document, or the path of its file. */
  readonly seed?: Seed | string;
  /** The clock below `emulator.clock`; default the real time. */
  readonly clock?: Clock;
  /** Default no log. */
  readonly log?: Log;
  /** @deprecated It is `webrtcPort`. */
  readonly webRtcPort?: number;
  /** @deprecated It is `webrtcHosts`. */
  readonly webRtcHosts?: readonly string[];
}

/** In memory, on a free port of this machine; the command has other defaults. */
export const TEST_DEFAULTS = { memory: true, host: 'localhost', port: 0, rtmpPort: undefined, webrtcPort: 0 } as const;

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
 * @throws UsageError when an option is unknown or wrong, or a port is taken
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<RunningEmulator> {
  checkNames(options);
  checkTypes(options);
  const { buckets, seed, clock, log = silentLog, webRtcPort: _port, webRtcHosts: _hosts, ...rest } = options;
  const config: Partial<Config> = {
    ...TEST_DEFAULTS,
    ...renamedOptions(options),
    ...rest,
    ...(buckets && {
      buckets: buckets.flatMap((bucket) => (typeof bucket === 'string' ? parseBucket(bucket) : bucket)),
    }),
    ...(typeof seed === 'string' && { seed }),
  };
  const emulator = new Emulator(config, { log, ...(clock && { clock }), ...(typeof seed === 'object' && { seed }) });
  await emulator.start();
  return describe(emulator);
}

function describe(emulator: Emulator): RunningEmulator {
  const { config, clock, faults, events, control } = emulator;
  const { port, rtmpPort } = emulator.addresses;
  const { accessKeyId, accessKeySecret, region } = config;
  const endpoint = httpOrigin(control.base);
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
    sign: (request) => control.sign(request),
    rtmpUrl: async (channel, ofBucket = bucket) => (await control.sign({ channel, bucket: ofBucket })).url,
    playUrl: async (channel, ofBucket = bucket) => (await control.sign({ channel, bucket: ofBucket })).playUrl,
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

/** Options that were given by the names they had, by those they have. */
export function renamedOptions({ webRtcPort, webRtcHosts }: EmulatorOptions): Partial<Config> {
  return {
    ...(webRtcPort !== undefined && { webrtcPort: webRtcPort }),
    ...(webRtcHosts && { webrtcHosts: webRtcHosts }),
  };
}

/** The names that options had; they are not suggested. */
const DEPRECATED: readonly string[] = ['webRtcPort', 'webRtcHosts'];

/** Finds misspelt options of callers without types. */
function checkNames(options: EmulatorOptions): void {
  const known = [...optionNames(), 'clock', 'log'];
  const unknown = Object.keys(options).find((name) => !known.includes(name) && !DEPRECATED.includes(name));
  if (unknown !== undefined) throw new UsageError(`startEmulator: ${unknownName('option', unknown, known)}.`);
}

/** Of the options whose fields are numbers and switches; the others are checked where they are read. */
function checkTypes(options: EmulatorOptions): void {
  const given = new Map<string, unknown>(Object.entries(options));
  for (const name of optionNames()) {
    const value = given.get(name);
    // A seed may be a document, too.
    if (value === undefined || name === 'seed') continue;
    const spec: OptionSpec<unknown> = OPTIONS[name];
    const expected = { switch: 'boolean', number: 'number', text: undefined, path: 'string', program: 'string' }[
      spec.kind
    ];
    const isOfType = expected === undefined || spec.repeatable || (typeof value === expected && !Number.isNaN(value));
    if (!isOfType) throw new UsageError(`startEmulator: ${name} must be a ${expected}, not ${JSON.stringify(value)}.`);
    if (spec.argument === 'PORT') readValue(`startEmulator: ${name}`, String(value), () => spec.parse([String(value)]));
  }
}

function parseBucket(text: string): readonly BucketOption[] {
  try {
    return OPTIONS.buckets.parse([text]);
  } catch (error) {
    throw new UsageError(`startEmulator: a bucket must ${errorText(error)}.`);
  }
}
