import * as v from 'valibot';
import { choice, documented, fields, flag, integer, optional, text } from '../../base/schema.ts';

/** The phases in which a fault can fire, each with its possible effects. */
export const FAULT_EFFECTS = {
  request: ['delayMs', 'status', 'code', 'message', 'reset', 'cutBodyAfterBytes', 'bytesPerSec'],
  signature: ['emulatedClock'],
  'rtmp.connect': ['code', 'message', 'reset'],
  'rtmp.publish': ['delayMs', 'status', 'code', 'message', 'reset'],
  'rtmp.message': ['reset', 'freezePublisher'],
  segmenter: ['crashFfmpeg'],
  'object.write': ['delayMs', 'diskFull'],
  'metadata.write': ['delayMs', 'diskFull'],
} as const satisfies Record<string, readonly (keyof FaultEffect)[]>;

/** The fields that a rule of each phase can match. */
export const FAULT_MATCHES = {
  request: ['operation', 'bucket', 'channel', 'key', 'app', 'stream'],
  signature: ['bucket', 'channel', 'key', 'app', 'stream'],
  'rtmp.connect': ['bucket', 'app'],
  'rtmp.publish': ['bucket', 'channel', 'app', 'stream'],
  'rtmp.message': ['bucket', 'channel', 'app', 'stream'],
  segmenter: ['bucket', 'channel', 'app', 'stream'],
  'object.write': ['bucket', 'channel', 'key'],
  'metadata.write': ['bucket', 'channel', 'key'],
} as const satisfies Record<FaultPhase, readonly (keyof FaultMatch)[]>;

export type FaultPhase = keyof typeof FAULT_EFFECTS;

export const FAULT_PHASES = Object.keys(FAULT_EFFECTS) as FaultPhase[];

/** Every given field must match. */
export interface FaultMatch {
  /** Default `request`. */
  readonly phase?: FaultPhase;
  /** Operation of OSS or of ApsaraVideo Live as in the API reference, e.g. `PutLiveChannel`. */
  readonly operation?: string;
  readonly bucket?: string;
  /** The channel, or any object in its folder. */
  readonly channel?: string;
  /** Object key; with `*` at its end, every key with that beginning. */
  readonly key?: string;
  /** Application of a stream that is pushed, or the `AppName` of a call. */
  readonly app?: string;
  /** Name of a stream that is pushed, or the `StreamName` of a call. */
  readonly stream?: string;
}

/** What happens. Several fields may be combined, e.g. a delay and then an error. */
export interface FaultEffect {
  /** Wait this long first, by the clock of the emulator. */
  readonly delayMs?: number;
  /**
   * Answer with this error code, e.g. `InternalError` or `Throttling.User`; a code that only OSS or only ApsaraVideo
   * Live has applies to requests of that API only. Over RTMP it is in the description of the refusal.
   */
  readonly code?: string;
  /** HTTP status of the error, if not that of the code; an operation of ApsaraVideo Live may then answer with any code. */
  readonly status?: number;
  readonly message?: string;
  /** Reset the TCP connection. */
  readonly reset?: boolean;
  /** Answer as usual, but cut the connection after this many bytes of the body. */
  readonly cutBodyAfterBytes?: number;
  /** Send the body of the answer no faster than this. */
  readonly bytesPerSec?: number;
  /** The time of the request is compared with the clock of the emulator only, not with the real time. */
  readonly emulatedClock?: boolean;
  /** The publisher seems to send nothing more, like a process that hangs, until the rule is removed. */
  readonly freezePublisher?: boolean;
  /** The segmenter of the stream fails, like an ffmpeg that was killed. */
  readonly crashFfmpeg?: boolean;
  /** The write fails with ENOSPC. */
  readonly diskFull?: boolean;
}

/** One failure on purpose. */
export interface FaultRule {
  readonly match: FaultMatch;
  readonly effect: FaultEffect;
  /** Chance of each match, 0 to 1; default 1. */
  readonly probability?: number;
  /** The rule fires at most this often; default without limit. */
  readonly count?: number;
  /** The rule ignores this many matches first; default 0. */
  readonly skip?: number;
  /** Seed of the random numbers: the same seed and the same calls give the same faults. Default 1. */
  readonly seed?: number;
}

/** A rule that fires now. */
export interface Fault {
  /** Its id. */
  readonly rule: string;
  readonly effect: FaultEffect;
  /** Aborts when the rule is removed. */
  readonly removed: AbortSignal;
}

export const faultRuleSchema = fields({
  match: fields({
    phase: documented(optional(choice(FAULT_PHASES)), 'Where it strikes; `request` when left out.'),
    operation: documented(optional(text), 'Operation, e.g. `PutLiveChannel` or `DescribeLiveStreamsOnlineList`.'),
    bucket: optional(text),
    channel: documented(optional(text), 'The channel, or whatever lies in its folder.'),
    key: documented(optional(text), 'Object key; with `*` at its end, whatever begins with it.'),
    app: documented(optional(text), 'Application of a pushed stream, or `AppName` of a call.'),
    stream: documented(optional(text), 'Name of a pushed stream, or `StreamName` of a call.'),
  }),
  effect: fields({
    delayMs: documented(optional(integer(0)), 'Wait so long first, by the clock of the emulator.'),
    code: documented(optional(text), 'Error code to answer with, e.g. `InternalError` or `Throttling.User`.'),
    status: documented(optional(integer(300, 599)), "HTTP status, where it is not the code's own."),
    message: optional(text),
    reset: documented(optional(flag), 'Reset the TCP connection.'),
    cutBodyAfterBytes: documented(optional(integer(0)), 'Cut the connection after so many bytes of the body.'),
    bytesPerSec: documented(optional(integer(1)), 'Send the body no faster than this.'),
    emulatedClock: documented(optional(flag), 'Measure the clock skew by the clock of the emulator only.'),
    freezePublisher: documented(optional(flag), 'The publisher says nothing more until the rule is removed.'),
    crashFfmpeg: documented(optional(flag), 'The segmenter of the stream dies.'),
    diskFull: documented(optional(flag), 'The write fails with ENOSPC.'),
  }),
  probability: documented(
    optional(v.pipe(v.number('must be a number'), v.minValue(0, 'must be 0 to 1'), v.maxValue(1, 'must be 0 to 1'))),
    'Chance of each match.',
  ),
  count: documented(optional(integer(1)), 'Fires at most so often.'),
  skip: documented(optional(integer(0)), 'Lets so many matches pass first.'),
  seed: documented(
    optional(integer(0)),
    'Start of the random numbers: the same seed and the same calls give the same faults.',
  ),
}) satisfies v.GenericSchema<unknown, FaultRule>;
