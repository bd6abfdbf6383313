import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { Faults } from '../../../src/control-plane/faults/faults.ts';
import { signingClocks } from '../../../src/control-plane/faults/signing-clocks.ts';
import { Events } from '../../../src/events/events.ts';

function start(skew: 'either' | 'emulated') {
  const faults = new Faults({ events: new Events(), operations: { oss: [], live: [] } });
  const readPresent = signingClocks({ clock: new ManualClock(1), realClock: new ManualClock(2), skew, faults });
  return { faults, readPresent };
}

it('both clocks count, unless an option or a fault rule says otherwise', () => {
  const { faults, readPresent } = start('either');
  expect(readPresent({ bucket: 'b', key: 'k' })).toEqual({ nowMs: 1, realMs: 2 });
  faults.add({ match: { phase: 'signature', bucket: 'b' }, effect: { emulatedClock: true }, count: 1 });
  expect(readPresent({ bucket: 'other' })).toEqual({ nowMs: 1, realMs: 2 });
  expect(readPresent({ bucket: 'b' })).toEqual({ nowMs: 1 });
  expect(readPresent({ bucket: 'b' })).toEqual({ nowMs: 1, realMs: 2 });
  expect(start('emulated').readPresent({})).toEqual({ nowMs: 1 });
});
