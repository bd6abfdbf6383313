import { describe, expect, it } from 'vitest';
import type { FaultPhase, FaultRule } from '../../../src/control-plane/faults/fault-rule.ts';
import { Faults, type FaultTarget } from '../../../src/control-plane/faults/faults.ts';
import { Events } from '../../../src/events/events.ts';
import { LIVE_OPERATIONS } from '../../../src/live/live-operations.ts';
import { OPERATIONS as OSS_OPERATIONS } from '../../../src/oss/rest/operations.ts';

const OPERATIONS = {
  oss: [{ name: 'GetObject' }, { name: 'PutLiveChannel' }],
  live: [{ name: 'ForbidLiveStream' }, { name: 'DescribeLiveStreamState' }],
};

function newFaults(events = new Events()): Faults {
  return new Faults({ events, operations: OPERATIONS });
}

function pattern(rule: FaultRule, calls: number): string {
  const faults = newFaults();
  faults.add(rule);
  return Array.from({ length: calls }, () => (faults.find('request', { operation: 'GetObject' }) ? 'x' : '.')).join('');
}

describe('operations', () => {
  it('of OSS and of ApsaraVideo Live have different names, so that a rule can mean one of them', () => {
    const live = new Set(LIVE_OPERATIONS.map(({ name }) => name));
    expect(OSS_OPERATIONS.filter(({ name }) => live.has(name))).toEqual([]);
  });
});

describe('a fault rule', () => {
  const fits = (match: FaultRule['match'], phase: FaultPhase, target: FaultTarget): boolean => {
    const faults = newFaults();
    const effect = phase === 'rtmp.message' ? { reset: true } : { delayMs: 1 };
    faults.add({ match, effect });
    return faults.find(phase, target) !== undefined;
  };

  it('fires where everything it names fits', () => {
    const target = { operation: 'GetObject', bucket: 'b', key: 'cam/1.ts' };
    expect(fits({}, 'request', target)).toBe(true);
    expect(fits({ operation: 'GetObject', bucket: 'b' }, 'request', target)).toBe(true);
    expect(fits({ operation: 'PutLiveChannel' }, 'request', target)).toBe(false);
    expect(fits({ bucket: 'c' }, 'request', target)).toBe(false);
    expect(fits({ channel: 'cam' }, 'request', target)).toBe(true);
    expect(fits({ channel: 'ca' }, 'request', target)).toBe(false);
    expect(fits({ key: 'cam/*' }, 'request', target)).toBe(true);
    expect(fits({ key: 'cam/2.ts' }, 'request', target)).toBe(false);
    expect(fits({ phase: 'rtmp.message', channel: 'cam' }, 'rtmp.message', { channel: 'cam' })).toBe(true);
    expect(fits({ phase: 'object.write' }, 'metadata.write', {})).toBe(false);
    expect(fits({ app: 'app' }, 'request', { operation: 'ForbidLiveStream', app: 'app', stream: 's1' })).toBe(true);
    expect(fits({ stream: 's1' }, 'request', { operation: 'ForbidLiveStream', app: 'app' })).toBe(false);
    const push = { app: 'app', stream: 's1' };
    expect(fits({ phase: 'rtmp.message', ...push }, 'rtmp.message', push)).toBe(true);
    expect(fits({ phase: 'rtmp.message', ...push, app: 'other' }, 'rtmp.message', push)).toBe(false);
  });

  it('lets some pass and stops after some', () => {
    expect(pattern({ match: {}, effect: { delayMs: 1 }, skip: 2, count: 3 }, 7)).toBe('..xxx..');
  });

  it('throws the same dice for the same seed', () => {
    const dice = (seed: number) => pattern({ match: {}, effect: { delayMs: 1 }, probability: 0.3, seed }, 200);
    expect(dice(7)).toBe(dice(7));
    expect(dice(7)).not.toBe(dice(8));
    expect(dice(7).replaceAll('.', '').length).toBeGreaterThan(40);
    expect(dice(7).replaceAll('.', '').length).toBeLessThan(80);
  });

  it('says what became of it, and is gone when removed', () => {
    const events = new Events();
    const faults = newFaults(events);
    const { id } = faults.add({ match: { operation: 'GetObject' }, effect: { code: 'InternalError' }, skip: 1 });
    faults.find('request', { operation: 'GetObject', bucket: 'b' });
    const fault = faults.find('request', { operation: 'GetObject', bucket: 'b' });
    expect(fault).toMatchObject({ rule: id, effect: { code: 'InternalError' } });
    expect(faults.list()).toMatchObject([{ id, phase: 'request', matched: 2, fired: 1 }]);
    expect(events.since(0)).toMatchObject([
      { type: 'fault.fired', rule: id, phase: 'request', effect: 'code=InternalError', bucket: 'b' },
    ]);
    expect(fault?.removed.aborted).toBe(false);
    expect(faults.remove(id)).toBe(true);
    expect(fault?.removed.aborted).toBe(true);
    expect(faults.remove(id)).toBe(false);
    expect(faults.find('request', { operation: 'GetObject' })).toBeUndefined();
  });

  it('is refused when it could never do what it says', () => {
    const refused = (rule: unknown): string => {
      try {
        newFaults().add(rule as FaultRule);
      } catch (error) {
        return String(error);
      }
      return 'accepted';
    };
    expect(refused({ match: {}, efect: {} })).toContain('unknown field "efect" (did you mean "effect"?)');
    expect(refused({ match: {}, effect: { dleayMs: 5 } })).toContain(
      'effect unknown field "dleayMs" (did you mean "delayMs"?)',
    );
    expect(refused({ match: { operation: 'GetObjekt' }, effect: { delayMs: 1 } })).toContain(
      'did you mean "GetObject"?',
    );
    expect(refused({ match: {}, effect: { diskFull: true } })).toContain('diskFull cannot happen in phase request');
    expect(refused({ match: {}, effect: {} })).toContain('effect needs one of delayMs');
    expect(refused({ match: {}, effect: { code: 'InternalEror' } })).toContain('did you mean "InternalError"?');
    expect(refused({ match: {}, effect: { status: 418 } })).toContain('status 418 needs a code');
    expect(refused({ match: {}, effect: { delayMs: -1 } })).toContain(
      'effect.delayMs must be a whole number of at least 0',
    );
    expect(refused({ match: { phase: 'segmenter', operation: 'GetObject' }, effect: { crashFfmpeg: true } })).toContain(
      'match.operation has no meaning in phase segmenter (bucket, channel, app, stream have)',
    );
    expect(refused({ match: { phase: 'rtmp.connect', stream: 's1' }, effect: { reset: true } })).toContain(
      'match.stream has no meaning in phase rtmp.connect',
    );
  });

  it('is refused where a request could never be both', () => {
    const refused = (rule: FaultRule): string | undefined => {
      try {
        newFaults().add(rule);
        return undefined;
      } catch (error) {
        return String(error);
      }
    };
    const live = { operation: 'ForbidLiveStream' };
    expect(refused({ match: { operation: 'ForbidLiveStreem' }, effect: { reset: true } })).toContain(
      'did you mean "ForbidLiveStream"?',
    );
    expect(refused({ match: { ...live, key: 'x' }, effect: { reset: true } })).toContain(
      'ForbidLiveStream goes by match.app, match.stream',
    );
    expect(refused({ match: { app: 'x', bucket: 'b' }, effect: { reset: true } })).toContain(
      'nothing has both match.bucket and match.app',
    );
    expect(
      refused({ match: { phase: 'rtmp.message', channel: 'cam', stream: 's1' }, effect: { reset: true } }),
    ).toContain('nothing has both match.channel and match.stream');
    expect(refused({ match: { operation: 'GetObject', app: 'app' }, effect: { reset: true } })).toContain(
      'GetObject goes by match.bucket, match.channel, match.key',
    );
    expect(refused({ match: live, effect: { code: 'Throtling.User' } })).toContain(
      '(did you mean "Throttling.User"?); any other needs effect.status beside it',
    );
    expect(refused({ match: live, effect: { code: 'Throtling.User', status: 400 } })).toBeUndefined();
    expect(refused({ match: {}, effect: { code: 'Throtling.User', status: 400 } })).toContain('unknown code');
    expect(refused({ match: live, effect: { code: 'NoSuchUpload' } })).toContain('unknown code');
    expect(refused({ match: { bucket: 'b' }, effect: { code: 'Throttling.User' } })).toContain('unknown code');
  });
});
