import { describe, expect, it } from 'vitest';
import { ConnectionBounds, withinFileLimit } from '../../src/net/connection-bounds.ts';

describe('connections', () => {
  it('are bounded in all and by address, and those that end make room', () => {
    const bounds = new ConnectionBounds({ all: 3, perAddress: 2 });
    expect([bounds.add('a'), bounds.add('a'), bounds.add('a')]).toEqual([undefined, undefined, 'address']);
    expect([bounds.add('b'), bounds.add('b'), bounds.add('c')]).toEqual([undefined, 'all', 'all']);
    expect(bounds.open).toBe(3);
    bounds.remove('a');
    expect([bounds.add('b'), bounds.add('a')]).toEqual([undefined, 'all']);
    for (const address of ['a', 'b', 'b']) bounds.remove(address);
    expect(bounds.open).toBe(0);
    expect(bounds.add('a')).toBeUndefined();
  });
});

it('an address of IPv4 and the same one mapped into IPv6 are one client', () => {
  const bounds = new ConnectionBounds({ all: 9, perAddress: 2 });
  expect([bounds.add('10.5.5.5'), bounds.add('::ffff:10.5.5.5')]).toEqual([undefined, undefined]);
  expect([bounds.add('10.5.5.5'), bounds.add('::ffff:10.5.5.5')]).toEqual(['address', 'address']);
  bounds.remove('::ffff:10.5.5.5');
  expect(bounds.add('10.5.5.5')).toBeUndefined();
});

describe('the bound', () => {
  const limits = { all: 4096, perAddress: 2048 };

  it.each([
    [Number.POSITIVE_INFINITY, limits],
    [1_048_576, limits],
    [1024, { all: 768, perAddress: 768 }],
    [128, { all: 64, perAddress: 64 }],
    [64, { all: 8, perAddress: 8 }],
  ])('with %s open files', (openFiles, expected) => {
    expect(withinFileLimit(limits, openFiles)).toEqual(expected);
  });

  it('of the person counts where it is the lower one', () => {
    expect(withinFileLimit({ all: 100, perAddress: 5 }, 1024)).toEqual({ all: 100, perAddress: 5 });
  });
});
