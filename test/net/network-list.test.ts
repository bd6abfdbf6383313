import { describe, expect, it } from 'vitest';
import { BadValue, parseNetworks } from '../../src/config/option-values.ts';
import { networkList } from '../../src/net/network-list.ts';

describe('networks', () => {
  it('contain addresses of both families, and those of IPv4 in IPv6 form', () => {
    const contains = networkList(parseNetworks('10.0.0.0/8, 192.0.2.1,fd00::/8'));
    const inside = ['10.255.0.1', '192.0.2.1', '::ffff:10.1.2.3', 'fd12::1'];
    const outside = ['11.0.0.1', '192.0.2.2', '::ffff:11.1.2.3', 'fe80::1', '', 'localhost'];
    expect(inside.map((address) => contains?.(address))).toEqual([true, true, true, true]);
    expect(outside.map((address) => contains?.(address))).toEqual(outside.map(() => false));
  });

  it('are asked for nothing when there are none', () => {
    expect(networkList([])).toBeUndefined();
  });

  it.each(['0.0.0.0/0', '::/0'])('may be everything: %s', (text) => {
    expect(networkList(parseNetworks(text))?.(text.startsWith(':') ? '2001:db8::1' : '8.8.8.8')).toBe(true);
  });

  it.each(['', 'a', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', '10.0.0.0,', '[::1]/128'])(
    'are refused: "%s"',
    (text) => {
      expect(() => parseNetworks(text)).toThrow(BadValue);
    },
  );
});
