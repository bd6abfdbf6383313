import * as v from 'valibot';
import { RpcError, type RpcErrorCode } from '../../aliyun/rpc-error.ts';
import { isBucketName } from '../../base/bucket-name.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { StreamSource } from '../../base/push-source.ts';
import { choice, integer, text } from '../../base/schema.ts';
import { plannedTime } from '../../base/time-schema.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import { type DocumentKind, Documents, type StoredDocument } from '../../storage/metadata/stored-documents.ts';
import { ANY_DOMAIN, type Domains } from '../streams/domains.ts';
import { type Variable, variablesOf } from './template.ts';

export const RECORD_FORMATS = ['m3u8', 'flv', 'mp4', 'cmaf'] as const;
export type RecordFormatName = (typeof RECORD_FORMATS)[number];

/** One file type of a configuration. Templates are without the suffix of the file name. */
export interface RecordFormat {
  readonly format: RecordFormatName;
  readonly objectPrefix: string;
  /** For m3u8 and cmaf, which consist of slices. */
  readonly sliceObjectPrefix: string;
  readonly cycleDurationSec: number;
  readonly sliceDurationSec: number;
}

/** What starts a recording: the stream, the answer to a callback, a parameter of the ingest URL, or an operation. */
export const ON_DEMAND = { automatic: 0, callback: 1, parameter: 2, command: 7 } as const;
const ON_DEMAND_VALUES: readonly number[] = Object.values(ON_DEMAND);

export interface RecordConfig {
  readonly domain: string;
  /** `*` for all applications. */
  readonly app: string;
  readonly stream: string;
  readonly bucket: string;
  /** As in the request; not used. */
  readonly endpoint: string;
  /** Null: no limit. */
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly onDemand: number;
  readonly delayTimeSec: number;
  readonly formats: readonly RecordFormat[];
  readonly transcodeFormats: readonly RecordFormat[];
  readonly transcodeTemplates: readonly string[];
}

const recordFormat = v.looseObject({
  format: choice(RECORD_FORMATS),
  objectPrefix: v.string(),
  sliceObjectPrefix: v.string(),
  cycleDurationSec: integer(0),
  sliceDurationSec: integer(0),
});

export const RECORD_CONFIGS: DocumentKind<RecordConfig> = {
  kind: 'record-config',
  body: v.pipe(
    v.looseObject({
      domain: text,
      app: text,
      stream: text,
      bucket: v.pipe(v.string(), v.check(isBucketName, 'must be a bucket name')),
      endpoint: v.string(),
      startMs: v.nullable(plannedTime),
      endMs: v.nullable(plannedTime),
      onDemand: integer(0),
      delayTimeSec: integer(0),
      formats: v.array(recordFormat),
      transcodeFormats: v.array(recordFormat),
      transcodeTemplates: v.array(v.string()),
    }),
    v.check((config) => followsRules(config), 'must follow the rules of record configurations'),
  ),
};

export const DEFAULT_SLICE_SEC = 30;
export const DEFAULT_DELAY_SEC = 180;
const DELAY_SEC = { min: 15, max: 21_600 };
const SLICE_SEC = { min: 5, max: 30 };
/** A longer window is cut to seven days. */
const MAX_WINDOW_MS = 7 * 24 * 3_600_000;
const MAX_PREFIX_BYTES = 255;

/** The configuration that `--live-record-bucket` stands for. */
export function builtInConfig(bucket: string): RecordConfig {
  return {
    domain: ANY_DOMAIN,
    app: '*',
    stream: '*',
    bucket,
    endpoint: '',
    startMs: null,
    endMs: null,
    onDemand: ON_DEMAND.automatic,
    delayTimeSec: DEFAULT_DELAY_SEC,
    transcodeFormats: [],
    transcodeTemplates: [],
    formats: [
      {
        format: 'm3u8',
        objectPrefix: 'record/{AppName}/{StreamName}/{EscapedStartTime}_{EscapedEndTime}',
        sliceObjectPrefix: 'record/{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}',
        cycleDurationSec: 21_600,
        sliceDurationSec: 5,
      },
    ],
  };
}

/** The format for which fragments are made, if the configuration has it; the others are only stored. */
export function sliceFormat({ formats }: RecordConfig): RecordFormat | undefined {
  return formats.find(({ format }) => format === 'm3u8');
}

/** The record configurations of all domains. */
export class RecordConfigs {
  readonly #documents: Documents<RecordConfig>;
  readonly #metadata: MetadataStore;
  readonly #clock: Clock;
  readonly #domains: Domains;
  readonly #builtIn: RecordConfig | undefined;

  constructor(metadata: MetadataStore, clock: Clock, log: Log, domains: Domains, builtIn: RecordConfig | undefined) {
    this.#documents = new Documents(metadata, RECORD_CONFIGS, log);
    this.#metadata = metadata;
    this.#clock = clock;
    this.#domains = domains;
    this.#builtIn = builtIn;
  }

  /**
   * @throws RpcError ConfigAlreadyExists, InvalidOssBucket.NotFound, or the code of the first value that breaks a rule
   */
  async add(config: RecordConfig): Promise<void> {
    await checkBucket(config.bucket, this.#metadata);
    checkConfig(config);
    if (await this.get(config.domain, config.app, config.stream)) {
      throw new RpcError('ConfigAlreadyExists', { reason: `${describe(config)} has a configuration` });
    }
    await this.#put(config, this.#clock.now());
  }

  /**
   * Replaces a configuration.
   * @throws RpcError the code of the first value that breaks a rule
   */
  async update(config: RecordConfig, createdMs: number): Promise<void> {
    checkConfig(config);
    await this.#put(config, createdMs);
  }

  get(domain: string, app: string, stream: string): Promise<StoredDocument<RecordConfig> | undefined> {
    return this.#documents.get(domain, `${app}/${stream}`);
  }

  /** Those of one domain, or all. */
  list(domain?: string): Promise<readonly StoredDocument<RecordConfig>[]> {
    return this.#documents.list(domain);
  }

  async delete(domain: string, app: string, stream: string): Promise<void> {
    await this.#documents.delete(domain, `${app}/${stream}`);
  }

  /**
   * The most specific configuration: for the stream, for its application, for all; the latest of equally specific ones.
   */
  async match({ domain, app, stream }: StreamSource): Promise<RecordConfig | undefined> {
    let best = this.#builtIn;
    for (const { body } of await this.#documents.list()) {
      const fits = (body.app === '*' || body.app === app) && (body.stream === '*' || body.stream === stream);
      if (!fits || !this.#domains.reaches(body.domain, domain)) continue;
      if (!best || best === this.#builtIn || rank(body) >= rank(best)) best = body;
    }
    return best;
  }

  #put(config: RecordConfig, createdMs: number): Promise<void> {
    const { domain: scope, app, stream } = config;
    return this.#documents.put({ scope, name: `${app}/${stream}`, createdMs, body: config });
  }
}

function rank({ app, stream }: RecordConfig): number {
  return (stream === '*' ? 0 : 2) + (app === '*' ? 0 : 1);
}

function describe({ domain, app, stream }: RecordConfig): string {
  return `${domain}/${app}/${stream}`;
}

async function checkBucket(bucket: string, metadata: MetadataStore): Promise<void> {
  if (!isBucketName(bucket))
    throw new RpcError('InvalidOssBucket.Malformed', { reason: `"${bucket}" names no bucket` });
  if (await metadata.getBucket(bucket)) return;
  throw new RpcError('InvalidOssBucket.NotFound', { reason: `there is no bucket ${bucket}` });
}

function followsRules(config: RecordConfig): boolean {
  try {
    checkConfig(config);
    return true;
  } catch (error) {
    if (error instanceof RpcError) return false;
    throw error;
  }
}

function checkConfig(config: RecordConfig): void {
  const { onDemand, delayTimeSec, formats, transcodeFormats, startMs, endMs, stream } = config;
  if (!ON_DEMAND_VALUES.includes(onDemand)) {
    throw new RpcError('InvalidParams', { reason: `OnDemand must be one of ${ON_DEMAND_VALUES.join(', ')}` });
  }
  if (delayTimeSec < DELAY_SEC.min || delayTimeSec > DELAY_SEC.max) {
    throw new RpcError('InvalidParams', { reason: `DelayTime must be ${DELAY_SEC.min} to ${DELAY_SEC.max} seconds` });
  }
  if (formats.length + transcodeFormats.length === 0) {
    throw new RpcError('InvalidFormat.Malformed', {
      reason: 'neither RecordFormat nor TranscodeRecordFormat is given',
    });
  }
  for (const format of [...formats, ...transcodeFormats]) checkFormat(format);
  if (startMs !== null && endMs !== null && endMs <= startMs) {
    throw new RpcError('InvalidEndTime.Malformed', { reason: 'EndTime is not after StartTime' });
  }
  if ((startMs !== null || endMs !== null) && stream === '*') {
    throw new RpcError('InvalidParams', { reason: 'StartTime and EndTime need a StreamName' });
  }
}

function checkFormat(format: RecordFormat): void {
  const { cycleDurationSec, sliceDurationSec, objectPrefix, sliceObjectPrefix } = format;
  if (cycleDurationSec < 1) {
    throw new RpcError('InvalidCycleDuration.Malformed', { reason: 'CycleDuration must be a positive integer' });
  }
  if (objectPrefix === '') throw new RpcError('MissingOssObjectPrefix', { reason: `for ${format.format}` });
  checkTemplate('InvalidOssObjectPrefix.Malformed', objectPrefix, [
    ['StartTime', 'EscapedStartTime'],
    ['EndTime', 'EscapedEndTime'],
  ]);
  if (format.format !== 'm3u8' && format.format !== 'cmaf') return;
  checkTemplate('InvalidSliceOssObjectPrefix.Malformed', sliceObjectPrefix, [['UnixTimestamp'], ['Sequence']]);
  if (sliceDurationSec < SLICE_SEC.min || sliceDurationSec > SLICE_SEC.max) {
    throw new RpcError('InvalidParams', {
      reason: `SliceDuration must be ${SLICE_SEC.min} to ${SLICE_SEC.max} seconds`,
    });
  }
}

/** A template must have at least one variable of every group. */
function checkTemplate(code: RpcErrorCode, template: string, groups: readonly (readonly Variable[])[]): void {
  const variables = variablesOf(template);
  const lacking = groups.find((group) => !group.some((variable) => variables?.has(variable)));
  const reason =
    template === ''
      ? 'it is absent'
      : Buffer.byteLength(template) > MAX_PREFIX_BYTES
        ? `it is longer than ${MAX_PREFIX_BYTES} bytes`
        : !variables
          ? 'it has an unknown variable, or a brace without its partner'
          : lacking && `it needs ${lacking.map((variable) => `{${variable}}`).join(' or ')}`;
  if (reason) throw new RpcError(code, { reason: `"${template}": ${reason}` });
}

/** The period of a configuration in milliseconds since the epoch; without limits it is open on both sides. */
export function windowOf({ startMs, endMs }: RecordConfig): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = startMs ?? 0;
  const toMs = endMs ?? Number.POSITIVE_INFINITY;
  return { fromMs, toMs: startMs === null ? toMs : Math.min(toMs, fromMs + MAX_WINDOW_MS) };
}
