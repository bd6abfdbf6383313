import { expect, it } from 'vitest';
import { BackPressure } from '../../src/ingest/back-pressure.ts';

function setUp() {
  const happened: string[] = [];
  const backPressure = new BackPressure({
    pause: () => happened.push('pause'),
    resume: () => happened.push('resume'),
  });
  return { happened, backPressure };
}

it('pauses once for any number of parts, and resumes when the last is released', () => {
  const { happened, backPressure } = setUp();
  const [segmenter, upload] = [{}, {}];
  backPressure.wait(segmenter);
  backPressure.wait(upload);
  backPressure.wait(segmenter);
  backPressure.release(segmenter);
  expect(happened).toEqual(['pause']);
  backPressure.release(upload);
  expect(happened).toEqual(['pause', 'resume']);
});

it('ignores the release of a part that nothing waits for', () => {
  const { happened, backPressure } = setUp();
  backPressure.release({});
  expect(happened).toEqual([]);
  backPressure.wait('a');
  backPressure.release('b');
  expect(happened).toEqual(['pause']);
});
