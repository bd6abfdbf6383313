/** An event as the log shows it. */
import type { SignatureComparison } from '../../base/errors.ts';
import type { EmulatorEvent, Stamped } from '../../events/events.ts';
import { type LostMedia, lostMediaText } from '../../events/lost-media.ts';
import type { RoomSubject, StreamSubject } from '../../events/subjects.ts';
import { sentence, subjectName } from '../format.ts';

export type EntryKind = 'api' | 'playback' | 'push' | 'fault' | 'other';
export type Tone = 'plain' | 'good' | 'warning' | 'bad';

export interface Entry {
  readonly id: number;
  readonly atMs: number;
  readonly kind: EntryKind;
  readonly tone: Tone;
  /** The operation, or what happened. */
  readonly what: string;
  /** Bucket and channel or key, or the name of a stream or of a user. */
  readonly where: string;
  /** The result in a word or two. */
  readonly outcome: string;
  /** The reason in a sentence. */
  readonly reason: string | undefined;
  readonly refused: boolean;
  readonly comparison: SignatureComparison | undefined;
  /** Of a request to OSS, which the emulator may know how to make again. */
  readonly requestId: string | undefined;
  /** All other fields of the event. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

type Shown = Pick<Entry, 'kind' | 'tone' | 'what' | 'where' | 'outcome'> &
  Partial<Pick<Entry, 'reason' | 'refused' | 'comparison'>>;

/** Players call these many times a minute. */
const PLAYBACK_OPERATIONS: readonly (string | undefined)[] = ['GetObject', 'HeadObject', 'OptionObject'];

export function entryOf(event: Stamped<EmulatorEvent>): Entry {
  const { id, atMs } = event;
  return {
    id,
    atMs,
    reason: undefined,
    refused: false,
    comparison: undefined,
    requestId: event.type === 'request.answered' && event.api === 'oss' ? event.requestId : undefined,
    ...shown(event),
    facts: factsOf(event),
  };
}

export function refusalsAmong(entries: readonly Entry[]): number {
  return entries.filter(({ refused }) => refused).length;
}

function shown(event: EmulatorEvent): Shown {
  switch (event.type) {
    case 'request.answered':
      return request(event);
    case 'publish.refused':
      return {
        kind: 'push',
        tone: 'bad',
        what: 'Push refused',
        where: place(event.bucket ?? event.app, event.channel ?? event.stream),
        outcome: event.code.split('.').at(-1) ?? event.code,
        reason: event.reason,
        refused: true,
        comparison: event.comparison,
      };
    case 'publish.accepted':
      return push('good', 'Push accepted', event, event.remoteAddr);
    case 'publish.ended':
      return { ...push('plain', 'Push ended', event, event.cause), ...loss(event) };
    case 'stream.finding':
      return { ...push('warning', 'Stream', event, event.finding), reason: event.detail };
    case 'snapshot.failed':
      return { ...push('bad', 'Snapshot', event, 'failed'), reason: event.reason };
    case 'fault.fired':
      return {
        kind: 'fault',
        tone: 'warning',
        what: `Fault in ${event.operation ?? event.phase}`,
        where: place(event.bucket ?? event.app, event.key ?? event.channel ?? event.stream),
        outcome: event.rule,
        reason: event.effect,
      };
    case 'notification.dead-letter':
      return { ...other('Message', event.topic, 'dropped'), tone: 'bad', reason: event.reason };
    case 'notification.delivered':
      return other('Message', event.topic, 'delivered');
    case 'emulator.reset':
      return other('Reset', event.bucket ?? 'everything', '');
    case 'emulator.seeded':
      return other('Seeded', '', `${event.fragments} fragments`);
    case 'emulator.imported':
      return other('Imported', '', `${event.fragments} fragments`);
    case 'clock.changed':
      return other('Clock', new Date(event.nowMs).toISOString(), event.frozen ? 'frozen' : 'running');
    case 'lifecycle.expired':
      return lifecycle(event, `${event.what} expired`);
    case 'lifecycle.transitioned':
      return lifecycle(event, `objects to ${event.storageClass}`);
    case 'lifecycle.aborted':
      return lifecycle(event, 'uploads aborted');
    case 'live.published':
      return stream('good', 'Push accepted', event, event.remoteAddr);
    case 'live.ended':
      return { ...stream('plain', 'Push ended', event, event.cause), ...loss(event) };
    case 'live.finding':
      return { ...stream('warning', 'Stream', event, event.finding), reason: event.detail };
    case 'live.record-started':
    case 'live.record-paused':
    case 'live.record-resumed':
    case 'live.record-finished':
      return stream('plain', 'Recording', event, event.type.replace('live.record-', ''));
    case 'live.callback-delivered':
      return { ...stream('plain', 'Callback', event, `${event.action} delivered`), kind: 'other' };
    case 'live.callback-retried':
      return {
        ...stream('warning', 'Callback', event, `${event.action} retried`),
        kind: 'other',
        reason: event.reason,
      };
    case 'live.callback-failed':
      return { ...stream('bad', 'Callback', event, `${event.action} dropped`), kind: 'other', reason: event.reason };
    case 'room.joined':
      return stream('good', event.role === 'viewer' ? 'Viewer joined' : 'Joined the room', event, event.remoteAddr);
    case 'room.left':
      return stream('plain', event.role === 'viewer' ? 'Viewer left' : 'Left the room', event, event.cause);
    case 'room.finding':
      return { ...stream('warning', 'Stream', event, event.finding), reason: event.detail };
    case 'viewer.joined':
      return stream('plain', `Viewer came (${event.protocol})`, event, event.remoteAddr);
    case 'viewer.left':
      return stream('plain', `Viewer left (${event.protocol})`, event, event.cause);
    default:
      return other(event.type, '', '');
  }
}

function request(event: Extract<EmulatorEvent, { type: 'request.answered' }>): Shown {
  const { operation, method, bucket, key, status, refusal } = event;
  const isError = status >= 400;
  return {
    kind: PLAYBACK_OPERATIONS.includes(operation) ? 'playback' : 'api',
    tone: isError ? 'bad' : 'plain',
    what: operation ?? method,
    where: place(bucket, key),
    outcome: refusal ? `${status} ${refusal.code}` : String(status),
    reason: refusal && (refusal.reason ?? refusal.message),
    refused: isError,
    comparison: refusal?.comparison,
  };
}

function push(
  tone: Tone,
  what: string,
  { bucket, channel }: { readonly bucket: string; readonly channel: string },
  outcome: string,
): Shown {
  return { kind: 'push', tone, what, where: place(bucket, channel), outcome };
}

/** An event of ApsaraVideo Live. */
function stream(tone: Tone, what: string, subject: StreamSubject | RoomSubject, outcome: string): Shown {
  return { kind: 'push', tone, what, where: subjectName(subject), outcome };
}

/** Of a push, if something of it could not be stored. */
function loss(event: LostMedia): Partial<Pick<Shown, 'tone' | 'reason'>> {
  const text = lostMediaText(event);
  return text === undefined ? {} : { tone: 'bad', reason: sentence(text) };
}

/** With the first of the keys as the reason. */
function lifecycle(
  { bucket, count, keys }: Extract<EmulatorEvent, { type: `lifecycle.${string}` }>,
  outcome: string,
): Shown {
  return { ...other('Lifecycle', bucket, `${count} ${outcome}`), reason: keys.join(', ') };
}

function other(what: string, where: string, outcome: string): Shown {
  return { kind: 'other', tone: 'plain', what, where, outcome };
}

function place(bucket: string | undefined, name: string | undefined): string {
  return [bucket, name].filter((part) => part !== undefined && part !== '').join('/');
}

/** All plain fields of the event and of its refusal, but not the reason, which is shown separately. */
function factsOf(event: Stamped<EmulatorEvent>): Entry['facts'] {
  const { id: _id, atMs, type, ...fields } = event;
  const refusal = 'refusal' in fields ? fields.refusal : undefined;
  const facts = { at: new Date(atMs).toISOString(), event: type, ...fields, ...refusal, reason: undefined };
  return Object.entries(facts).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, String(value)]] : [],
  );
}
