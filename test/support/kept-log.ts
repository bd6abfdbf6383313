import { createLog, type Log, type LogLevel } from '../../src/base/log.ts';

export interface KeptLog {
  readonly log: Log;
  /** What was logged so far, without the time. */
  readonly lines: readonly string[];
}

/** A log whose lines are kept, such as `warn  store.back store=objects awaySec=2`. */
export function keptLog(level: LogLevel = 'debug'): KeptLog {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line.slice(line.indexOf(' ') + 1));
  return { log: createLog(level, note, () => 0), lines };
}
