import { createLog, type Log, type LogLevel } from '../../src/base/log.ts';

export interface RecordedLog {
  readonly log: Log;
  /** What was logged so far, without the time. */
  readonly lines: readonly string[];
}

/** A log of lines such as `warn  store.back store=objects awaySec=2`. */
export function recordedLog(level: LogLevel = 'debug'): RecordedLog {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line.slice(line.indexOf(' ') + 1));
  return { log: createLog(level, note, () => 0), lines };
}
