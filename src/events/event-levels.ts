import { UsageError } from '../base/errors.ts';
import { unknownName } from '../base/nearest.ts';
import type { EventType } from './events.ts';

/** From what is said often to what somebody should look at. */
export const EVENT_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type EventLevel = (typeof EVENT_LEVELS)[number];

const LEVELS = {
  'publish.accepted': 'info',
  'publish.refused': 'warn',
  'publish.ended': 'info',
  'fragment.stored': 'debug',
  'playlist.written': 'debug',
  'lease.lost': 'error',
  'stream.finding': 'warn',
  'snapshot.stored': 'debug',
  'snapshot.failed': 'error',
  'notification.delivered': 'info',
  'notification.dead-letter': 'error',
  'live.published': 'info',
  'live.ended': 'info',
  'live.finding': 'warn',
  'live.slice-stored': 'debug',
  'live.record-started': 'info',
  'live.record-paused': 'info',
  'live.record-resumed': 'info',
  'live.record-finished': 'info',
  'room.joined': 'info',
  'room.left': 'info',
  'room.finding': 'warn',
  'viewer.joined': 'info',
  'viewer.left': 'info',
  'live.callback-delivered': 'info',
  'live.callback-retried': 'warn',
  'live.callback-failed': 'error',
  'lifecycle.expired': 'info',
  'lifecycle.transitioned': 'info',
  'lifecycle.aborted': 'info',
  'request.answered': 'debug',
  'fault.fired': 'warn',
  'emulator.reset': 'info',
  'emulator.imported': 'info',
  'emulator.seeded': 'info',
  'storage.swept': 'warn',
  'clock.changed': 'info',
} satisfies Record<EventType, EventLevel>;

const BY_TYPE: ReadonlyMap<string, EventLevel> = new Map(Object.entries(LEVELS));

/** Every type of event, as they are documented. */
export const EVENT_TYPES: readonly string[] = [...BY_TYPE.keys()];

/** As far as the level depends on it. */
interface LevelFields {
  readonly type: string;
  readonly status?: unknown;
  readonly lostFragments?: unknown;
}

/**
 * A request that was refused is a warning; one that failed is an error, and so is the end of a push of which something is lost. A
 * newer emulator may tell of types that are not known here.
 */
export function levelOf({ type, status, lostFragments }: LevelFields): EventLevel {
  if (lostFragments !== undefined) return 'error';
  const level = BY_TYPE.get(type) ?? 'info';
  if (type !== 'request.answered' || typeof status !== 'number' || status < 400) return level;
  return status < 500 ? 'warn' : 'error';
}

/**
 * Types of events, separated by commas, as they were given.
 * @throws UsageError when there is no such type
 */
export function readEventTypes(flag: string, text: string): string {
  for (const type of text.split(',')) {
    if (!EVENT_TYPES.includes(type)) throw new UsageError(`${flag}: ${unknownName('event', type, EVENT_TYPES)}.`);
  }
  return text;
}
