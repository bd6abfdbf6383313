/** What the commands have in common that read events. */
import { resolveMoment } from '../../base/dates.ts';
import { type CommandContext, type CommandOption, flagValue, readFlag } from './command.ts';
import { call } from './emulator-client.ts';
import { parseMoment } from './parse-moment.ts';

/** The emulator answers after so long, also when nothing has happened. */
const WAIT_MS = 30_000;

export interface EventDocument {
  readonly id: number;
  readonly atMs: number;
  readonly type: string;
  readonly [field: string]: unknown;
}

export const eventOptions: readonly CommandOption[] = [
  { flag: 'bucket', argument: 'NAME', help: 'Only of this bucket' },
  { flag: 'channel', argument: 'NAME', help: 'Only of this channel' },
];

/** Filters of the control API. */
export function eventQuery(context: CommandContext, type: string | undefined): Readonly<Record<string, string>> {
  const bucket = flagValue(context, 'bucket');
  const channel = flagValue(context, 'channel');
  return {
    ...(type !== undefined && { type }),
    ...(bucket !== undefined && { bucket }),
    ...(channel !== undefined && { channel }),
  };
}

/**
 * A point in time in the flag, by the clock of the emulator.
 * @throws UsageError when it is none
 */
export async function readSince(context: CommandContext): Promise<number | undefined> {
  const value = readFlag(context, 'since', parseMoment);
  if (value === undefined) return undefined;
  return resolveMoment(value, (await call(context, 'clock')).nowMs);
}

/** The id of the latest event that there is. */
export async function latestEvent(context: CommandContext): Promise<number> {
  // No event has this type, so that the page has all of them behind it.
  return (await eventPageAfter(context, { type: 'none' }, 0, { waits: false })).next;
}

export interface EventPageOptions {
  /** For the first event, if there is none yet. */
  readonly waits: boolean;
  readonly signal?: AbortSignal;
}

/** Events after that one. */
export async function eventPageAfter(
  context: CommandContext,
  query: Readonly<Record<string, string>>,
  after: number,
  { waits, signal }: EventPageOptions,
): Promise<{ readonly events: readonly EventDocument[]; readonly next: number; readonly lost: number }> {
  const parameters = new URLSearchParams({ ...query, after: String(after), waitMs: String(waits ? WAIT_MS : 0) });
  return call(context, 'events', undefined, { path: `/events?${parameters}`, ...(signal && { signal }) });
}
