import { expect, it } from 'vitest';
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
