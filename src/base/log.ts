import { cutText } from './cut-text.ts';
import { type EventAt, LINE_LEVELS, type LineLevel, type LogEvent } from './log-events.ts';
import { redact } from './redact.ts';

/** One line per operation and per session transition: ids, not prose; never a secret, a signature or a signed URL. */
export const LOG_LEVELS = ['silent', ...LINE_LEVELS] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Of one field. The stacks of a bug and of its causes are shorter. */
const MAX_VALUE_CHARS = 16 * 1024;

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A method for each level, with the events that are told at it. */
export type LineLog = { readonly [Level in LineLevel]: (event: EventAt<Level>, fields?: LogFields) => void };

export interface Log extends LineLog {
  /** A log that adds `fields` to every line. */
  with(fields: LogFields): Log;
}

/**
 * A log in logfmt (`time level event key=value …`), written by `write`, which receives whole lines without their LF.
 *
 * @example await using emulator = await startEmulator({ log: createLog('info', console.error, Date.now) });
 */
export function createLog(
  level: LogLevel,
  write: (line: string) => void,
  now: () => number,
  base: LogFields = {},
): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  const at = (lineLevel: LogLevel) => {
    if (LOG_LEVELS.indexOf(lineLevel) > threshold) return () => {};
    return (event: LogEvent, fields: LogFields = {}) => {
      const time = new Date(now()).toISOString();
      write(`${time} ${lineLevel.padEnd(5)} ${event}${formatFields({ ...base, ...fields })}`);
    };
  };
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    with: (fields) => createLog(level, write, now, { ...base, ...fields }),
  };
}

/** A log that writes nothing. */
export const silentLog: Log = createLog(
  'silent',
  () => {},
  () => 0,
);

function formatFields(fields: LogFields): string {
  let line = '';
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) line += ` ${name}=${formatValue(value)}`;
  }
  return line;
}

function formatValue(value: string | number | boolean): string {
  const text = typeof value === 'string' ? redact(cutText(value, MAX_VALUE_CHARS)) : String(value);
  return /^[^\s"=\p{Cc}]+$/u.test(text) ? text : quoted(text);
}

/** As JSON, which leaves U+007F to U+009F as they are; terminals obey some of these. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/\p{Cc}/gu, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}
