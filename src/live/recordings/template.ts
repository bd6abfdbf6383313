/**
 * Names of recorded files: texts with variables such as `{AppName}`. Source: "Record live streams and store recordings
 * in OSS" and AddLiveAppRecordConfig pages; the form of `{Date}` from the CreateLiveStreamRecordIndexFiles sample.
 */

const VARIABLES = [
  'AppName',
  'StreamName',
  'Date',
  'Hour',
  'Minute',
  'Second',
  'UnixTimestamp',
  'Sequence',
  'StartTime',
  'EndTime',
  'EscapedStartTime',
  'EscapedEndTime',
] as const;
export type Variable = (typeof VARIABLES)[number];
export type Values = Readonly<Record<Variable, string>>;

/** The values of the variables. */
export interface Naming {
  readonly app: string;
  readonly stream: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly sequence: number;
  /** Offset of the time zone in which times are written; 0 is UTC. */
  readonly utcOffsetMs: number;
}

/** The variables of a template; undefined when a variable is unknown or a brace is not closed. */
export function variablesOf(template: string): ReadonlySet<Variable> | undefined {
  const found = new Set<Variable>();
  for (const [, name] of template.matchAll(/\{([^{}]*)\}/g)) {
    const variable = VARIABLES.find((candidate) => candidate === name);
    if (!variable) return undefined;
    found.add(variable);
  }
  return /[{}]/.test(template.replace(/\{[^{}]*\}/g, '')) ? undefined : found;
}

/** Replaces every variable once: a value is never read as a template. Variables without a value stay unchanged. */
export function fillTemplate(template: string, values: Partial<Values>): string {
  return template.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    const variable = VARIABLES.find((candidate) => candidate === name);
    return (variable && values[variable]) ?? whole;
  });
}

export function valuesOf({ app, stream, startMs, endMs, sequence, utcOffsetMs }: Naming): Values {
  const start = localTime(startMs, utcOffsetMs);
  const end = localTime(endMs, utcOffsetMs);
  const [hour = '', minute = '', second = ''] = start.time.split(':');
  return {
    AppName: app,
    StreamName: stream,
    Date: start.date,
    Hour: hour,
    Minute: minute,
    Second: second,
    UnixTimestamp: String(Math.floor(startMs / 1000)),
    Sequence: String(sequence),
    StartTime: `${start.date}-${start.time}`,
    EndTime: `${end.date}-${end.time}`,
    EscapedStartTime: `${start.date}-${start.time}`.replaceAll(':', '-'),
    EscapedEndTime: `${end.date}-${end.time}`.replaceAll(':', '-'),
  };
}

function localTime(ms: number, utcOffsetMs: number): { readonly date: string; readonly time: string } {
  const text = new Date(ms + utcOffsetMs).toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 19) };
}
