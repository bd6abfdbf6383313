import { describe, expect, it } from 'vitest';
import { pace } from '../../src/http/pace.ts';

async function paced(chunks: readonly Buffer[], bytesPerSec: number) {
  const steps: (number | string)[] = [];
  const pause = async (delayMs: number) => {
    steps.push(`${Math.round(delayMs)} ms`);
  };
  const pieces: Buffer[] = [];
  for await (const piece of pace(chunks, bytesPerSec, pause)) {
    steps.push(piece.length);
    pieces.push(piece);
  }
  return { steps, bytes: Buffer.concat(pieces) };
}

describe('pace', () => {
  it('pauses after each tenth of a second, also after the last', async () => {
    const body = [Buffer.from('0123456789'), Buffer.from('abcde')];
    const { steps, bytes } = await paced(body, 40);
    expect(bytes.toString()).toBe('0123456789abcde');
    expect(steps).toEqual([4, '100 ms', 4, '100 ms', 2, '50 ms', 4, '100 ms', 1, '25 ms']);
  });

  it('does not pause for less than ten milliseconds, but owes them', async () => {
    const body = Array.from({ length: 7 }, () => Buffer.alloc(4));
    const { steps } = await paced(body, 1000);
    expect(steps).toEqual([4, 4, 4, '12 ms', 4, 4, 4, '12 ms', 4, '4 ms']);
  });

  it('does not pause for an empty body', async () => {
    expect((await paced([], 1)).steps).toEqual([]);
  });

  it('passes on single bytes when the rate is below ten', async () => {
    expect((await paced([Buffer.from('ab')], 4)).steps).toEqual([1, '250 ms', 1, '250 ms']);
  });
});
