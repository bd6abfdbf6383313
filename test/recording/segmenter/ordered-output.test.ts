import { expect, it } from 'vitest';
import type { TsUnit } from '../../../src/media/frame.ts';
import { OrderedOutput } from '../../../src/recording/segmenter/ordered-output.ts';

it('holds copies back until it is open, and passes everything on in order', () => {
  const calls: (boolean | number | undefined)[] = [];
  const output = new OrderedOutput({
    tables: (hasAudio) => void calls.push(hasAudio),
    unit: ({ packets }) => void calls.push(packets[0]),
  });
  const packets = Buffer.alloc(188);
  const give = (value: number) => {
    packets[0] = value;
    const unit: TsUnit = { track: 'video', dtsTicks: 0, keyFrame: true, packets };
    output.unit(unit);
  };
  output.tables(false);
  give(1);
  give(2);
  output.tables(true);
  expect([calls, output.isOpen]).toEqual([[], false]);
  output.open();
  expect([calls, output.isOpen]).toEqual([[false, 1, 2, true], true]);
  give(3);
  expect(calls.at(-1)).toBe(3);
});
