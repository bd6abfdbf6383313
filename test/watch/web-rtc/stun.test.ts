import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBindingRequest } from '../../../src/watch/web-rtc/stun.ts';

/** RFC 5769 clause 2: the sample request, its password, and the attributes of the sample answers. */
const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';
const REQUEST = Buffer.from(
  '000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b15126' +
    '3b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf',
  'hex',
);
const XOR_MAPPED_IPV4 = '002000080001a147e112a643';
const XOR_MAPPED_IPV6 = '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9';

describe('a binding request', () => {
  it('is known by its user and its password', () => {
    const request = parseBindingRequest(REQUEST);
    expect(request?.username).toBe('evtj');
    expect(request?.nominates).toBe(false);
    expect(request?.isFrom(PASSWORD)).toBe(true);
    expect(request?.isFrom('another password')).toBe(false);
  });

  it('is not from there when a bit of it is wrong', () => {
    fc.assert(
      // Only bytes before the integrity attribute: it does not cover those after it.
      fc.property(fc.nat({ max: 75 }), fc.nat({ max: 7 }), (at, bit) => {
        const damaged = Buffer.from(REQUEST);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        expect(parseBindingRequest(damaged)?.isFrom(PASSWORD)).not.toBe(true);
      }),
    );
  });

  it('is answered with the address it came from', () => {
    const request = parseBindingRequest(REQUEST);
    const answer = request?.answer({ address: '192.0.2.1', port: 32853 }, PASSWORD).toString('hex');
    expect(answer?.slice(0, 40)).toBe('0101002c2112a442b7e7a701bc34d686fa87dfae');
    expect(answer).toContain(XOR_MAPPED_IPV4);
  });

  it('is answered over IPv6 too, and IPv4 in it counts as that', () => {
    const request = parseBindingRequest(REQUEST);
    const peer = { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 };
    expect(request?.answer(peer, PASSWORD).toString('hex')).toContain(XOR_MAPPED_IPV6);
    const mapped = { address: '::ffff:192.0.2.1', port: 32853 };
    expect(request?.answer(mapped, PASSWORD).toString('hex')).toContain(XOR_MAPPED_IPV4);
    const local = { address: '::1', port: 32853 };
    expect(request?.answer(local, PASSWORD)).toHaveLength(20 + 24 + 24 + 8);
  });

  it('is nothing but that', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseBindingRequest(Buffer.from(bytes))).toBeUndefined();
      }),
    );
    for (let size = 0; size < REQUEST.length; size++) {
      expect(parseBindingRequest(REQUEST.subarray(0, size))).toBeUndefined();
    }
  });
});
