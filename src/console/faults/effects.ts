/** What can go wrong where, as the form offers it. */
import type { FaultEffect, FaultPhase } from '../../faults/rule.ts';

export type EffectName = keyof FaultEffect;

export const PHASES = {
  request: {
    name: 'REST request',
    effects: ['delayMs', 'status', 'code', 'message', 'reset', 'cutBodyAfterBytes', 'bytesPerSec'],
  },
  'rtmp.connect': { name: 'RTMP connect', effects: ['code', 'message', 'reset'] },
  'rtmp.publish': { name: 'RTMP publish', effects: ['delayMs', 'status', 'code', 'message', 'reset'] },
  'rtmp.message': { name: 'RTMP message', effects: ['reset', 'freezePublisher'] },
  segmenter: { name: 'Segmenter', effects: ['crashFfmpeg'] },
  'object.write': { name: 'Object write', effects: ['delayMs', 'diskFull'] },
  'metadata.write': { name: 'Metadata write', effects: ['delayMs', 'diskFull'] },
} as const satisfies Record<FaultPhase, { readonly name: string; readonly effects: readonly EffectName[] }>;

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
  freezePublisher: { name: 'The publisher falls silent', type: 'flag' },
  crashFfmpeg: { name: 'The segmenter dies', type: 'flag' },
  diskFull: { name: 'The disk is full', type: 'flag' },
} as const satisfies Record<EffectName, EffectField>;
