import { getEventListeners } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { Faults } from '../../../src/control-plane/faults/faults.ts';
import { ingestFaults } from '../../../src/control-plane/faults/push-faults.ts';
import { Events } from '../../../src/events/events.ts';
import type { MediaMessage } from '../../../src/media/flv/media-message.ts';
import { NOBODY } from '../../watch/support/pushed-stream.ts';

it('a push to which no rule applies is told all that it would be without rules', async () => {
  const happened: unknown[] = [];
  const inner = {
    message: (message: MediaMessage) => void happened.push(message),
    end: async (reason: unknown) => void happened.push(reason),
  };
  const faults = new Faults({ events: new Events(), operations: { oss: [], live: [] } });
  const sink = ingestFaults(faults, systemClock).sink(inner, { bucket: 'b', channel: 'c' }, NOBODY);
  const message: MediaMessage = { kind: 'audio', timestampMs: 0, payload: Buffer.of(0xaf, 1) };
  sink.message(message);
  await sink.end({ cause: 'unpublished' });
  expect(happened).toEqual([message, { cause: 'unpublished' }]);
  expect(Object.keys(inner).filter((name) => !(name in sink))).toEqual([]);
});

it('a rule that freezes publishers has no listener of a push that has ended, and makes Node warn of no leak', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => {
    if (warning.name === 'MaxListenersExceededWarning') warnings.push(warning);
  };
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const faults = new Faults({ events: new Events(), operations: { oss: [], live: [] } });
  const { id } = faults.add({ match: { phase: 'rtmp.message' }, effect: { freezePublisher: true } });
  const removed = faults.find('rtmp.message', { bucket: 'b', channel: 'c' })?.removed;
  const thawed: number[] = [];
  const inner = { message: () => {}, end: async () => {} };
  const sinks = Array.from({ length: 12 }, (_, index) => {
    const peer = { ...NOBODY, thaw: () => void thawed.push(index) };
    return ingestFaults(faults, systemClock).sink(inner, { bucket: 'b', channel: 'c' }, peer);
  });
  for (const sink of sinks) sink.message({ kind: 'audio', timestampMs: 0, payload: Buffer.of(0xaf, 1) });
  for (const sink of sinks.slice(1)) await sink.end({ cause: 'unpublished' });
  // Warnings are given in a turn of their own.
  await new Promise(setImmediate);
  expect([warnings, removed && getEventListeners(removed, 'abort')]).toEqual([[], [expect.any(Function)]]);
  faults.remove(id);
  expect(thawed).toEqual([0]);
});
