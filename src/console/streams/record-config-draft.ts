/** A record configuration while it is edited, under the names of AddLiveAppRecordConfig. */
export interface RecordConfigDraft {
  readonly DomainName: string;
  readonly AppName: string;
  readonly StreamName: string;
  readonly OssBucket: string;
  readonly OssEndpoint: string;
  readonly Format: string;
  readonly CycleDuration: string;
  readonly SliceDuration: string;
  readonly OssObjectPrefix: string;
  readonly SliceOssObjectPrefix: string;
  readonly OnDemand: string;
  readonly DelayTime: string;
  /** As `<input type="datetime-local">` has it, in the time zone of the user. */
  readonly StartTime: string;
  readonly EndTime: string;
}

export type RecordConfigField = keyof RecordConfigDraft;

export function newRecordConfigDraft(bucket: string, endpoint: string): RecordConfigDraft {
  return {
    DomainName: 'live.example.com',
    AppName: '*',
    StreamName: '',
    OssBucket: bucket,
    OssEndpoint: endpoint.replace(/^https?:\/\//, ''),
    Format: 'm3u8',
    CycleDuration: '3600',
    SliceDuration: '5',
    OssObjectPrefix: 'record/{AppName}/{StreamName}/{EscapedStartTime}_{EscapedEndTime}',
    SliceOssObjectPrefix: 'record/{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}',
    OnDemand: '0',
    DelayTime: '180',
    StartTime: '',
    EndTime: '',
  };
}

const OF_FORMAT: readonly RecordConfigField[] = [
  'Format',
  'CycleDuration',
  'SliceDuration',
  'OssObjectPrefix',
  'SliceOssObjectPrefix',
];

/** The parameters of AddLiveAppRecordConfig; what is empty is left out. */
export function recordConfigParameters(draft: RecordConfigDraft): Readonly<Record<string, string>> {
  const texts = { ...draft, StartTime: utcTime(draft.StartTime), EndTime: utcTime(draft.EndTime) };
  const parameters: Record<string, string> = {};
  for (const [name, text] of Object.entries(texts)) {
    if (text === '') continue;
    parameters[OF_FORMAT.some((field) => field === name) ? `RecordFormat.1.${name}` : name] = text;
  }
  return parameters;
}

/** `2026-01-31T12:00:00Z` of what a field for a time has; what is no time stays as it is, for the emulator to refuse. */
export function utcTime(local: string): string {
  const timeMs = Date.parse(local);
  return Number.isNaN(timeMs) ? local : new Date(timeMs).toISOString().replace(/\.\d+/, '');
}
