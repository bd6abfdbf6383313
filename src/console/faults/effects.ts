/** The effects and matches of each phase, as the form offers them. */
import type { FaultEffect, FaultMatch, FaultPhase } from '../../control-plane/faults/fault-rule.ts';

export type MatchName = Exclude<keyof FaultMatch, 'phase'>;
export type EffectName = keyof FaultEffect;

interface Phase {
  readonly name: string;
  readonly matches: readonly MatchName[];
  readonly effects: readonly EffectName[];
}

export const PHASES = {
  request: {
    name: 'Request',
    matches: ['operation', 'bucket', 'channel', 'key', 'app', 'stream'],
    effects: ['delayMs', 'status', 'code', 'message', 'reset', 'cutBodyAfterBytes', 'bytesPerSec'],
  },
  signature: {
    name: 'Signature',
    matches: ['bucket', 'channel', 'key', 'app', 'stream'],
    effects: ['emulatedClock'],
  },
  'rtmp.connect': { name: 'RTMP connect', matches: ['bucket', 'app'], effects: ['code', 'message', 'reset'] },
  'rtmp.publish': {
    name: 'RTMP publish',
    matches: ['bucket', 'channel', 'app', 'stream'],
    effects: ['delayMs', 'status', 'code', 'message', 'reset'],
  },
  'rtmp.message': {
    name: 'RTMP message',
    matches: ['bucket', 'channel', 'app', 'stream'],
    effects: ['reset', 'freezePublisher'],
  },
  segmenter: { name: 'Segmenter', matches: ['bucket', 'channel', 'app', 'stream'], effects: ['crashFfmpeg'] },
  'object.write': { name: 'Object write', matches: ['bucket', 'channel', 'key'], effects: ['delayMs', 'diskFull'] },
  'metadata.write': { name: 'Metadata write', matches: ['bucket', 'channel', 'key'], effects: ['delayMs', 'diskFull'] },
} as const satisfies Record<FaultPhase, Phase>;

export interface EffectField {
  readonly name: string;
  readonly type: 'number' | 'text' | 'flag';
  readonly unit?: string;
  readonly placeholder?: string;
}

export const EFFECTS = {
  delayMs: { name: 'Wait first', type: 'number', unit: 'ms', placeholder: '500' },
  code: { name: 'Error code', type: 'text', placeholder: 'InternalError' },
  status: { name: 'HTTP status', type: 'number', placeholder: '503' },
  message: { name: 'Message', type: 'text' },
  reset: { name: 'Reset the connection', type: 'flag' },
  cutBodyAfterBytes: { name: 'Cut the body after', type: 'number', unit: 'bytes', placeholder: '1000' },
  bytesPerSec: { name: 'Send no faster than', type: 'number', unit: 'bytes/s', placeholder: '50000' },
  emulatedClock: { name: 'Only our clock counts', type: 'flag' },
  freezePublisher: { name: 'The publisher falls silent', type: 'flag' },
  crashFfmpeg: { name: 'The segmenter dies', type: 'flag' },
  diskFull: { name: 'The disk is full', type: 'flag' },
} as const satisfies Record<EffectName, EffectField>;
