import { describe, expect, it } from 'vitest';
import { pairLines } from '../../../src/console/log/text-diff.ts';

describe('two texts beside each other', () => {
  it('differ where they do and nowhere else', () => {
    expect(pairLines('GET\n/b/cam', 'GET\n/b/live/cam')).toEqual([
      {
        ours: { before: 'GET', different: '', after: '' },
        theirs: { before: 'GET', different: '', after: '' },
        same: true,
      },
      {
        ours: { before: '/b/', different: '', after: 'cam' },
        theirs: { before: '/b/', different: 'live/', after: 'cam' },
        same: false,
      },
    ]);
  });

  it('of one letter repeated overlap nowhere', () => {
    const [pair] = pairLines('aa', 'aaa');
    expect([pair?.ours, pair?.theirs]).toEqual([
      { before: 'aa', different: '', after: '' },
      { before: 'aa', different: 'a', after: '' },
    ]);
  });

  it('need not be equally long', () => {
    expect(pairLines('a\nb', 'a')[1]).toEqual({
      ours: { before: '', different: 'b', after: '' },
      theirs: undefined,
      same: false,
    });
  });
});
