import { describe, expect, it } from 'vitest';
import { RequestAdmission } from '../../src/http/request-admission.ts';

const MAX_WAIT_MS = 5_000;

function newAdmission(maxWaitMs = MAX_WAIT_MS) {
  let refused = 0;
  const admission = new RequestAdmission({
    maxWaitMs,
    onRefused: () => {
      refused += 1;
    },
  });
  /** `asked` requests come, and then it is measured that a request waits for so long. Returns how many were admitted. */
  const pass = (waitMs: number, asked = 0): number => {
    let admitted = 0;
    for (let count = 0; count < asked; count++) if (admission.admit()) admitted += 1;
    admission.measured(waitMs);
    return admitted;
  };
  return { admission, pass, refused: () => refused };
}

describe('requests are admitted', () => {
  it('whatever their number, while they need not wait', () => {
    const { pass, refused } = newAdmission();
    for (let second = 0; second < 10; second++) expect(pass(MAX_WAIT_MS, 100_000)).toBe(100_000);
    expect(refused()).toBe(0);
  });

  it('after a long wait, and after a second one: the machine was busy, or asleep', () => {
    const { pass } = newAdmission();
    pass(3_600_000, 100);
    pass(3_600_000, 100);
    pass(10, 100);
    pass(3_600_000, 100);
    expect(pass(3_600_000, 100)).toBe(100);
  });

  it('by a person who lets them wait', () => {
    const { pass } = newAdmission(0);
    for (let second = 0; second < 10; second++) pass(60_000);
    expect(pass(60_000, 1_000)).toBe(1_000);
  });
});

describe('requests are refused', () => {
  it('while the wait is too long, more of them as long as it stays so, but never all', () => {
    const { admission, pass, refused } = newAdmission();
    for (let count = 0; count < 3; count++) pass(MAX_WAIT_MS + 10, 100);
    expect(pass(8_000, 100)).toBe(70);
    expect(pass(8_000, 100)).toBe(49);
    expect(refused()).toBe(81);
    for (let count = 0; count < 20; count++) pass(8_000, 100);
    expect(pass(8_000, 100)).toBe(4);
    expect(admission.retryAfterSec).toBe(8);
  });

  it('fewer of them when the wait has become short, and none when few come', () => {
    const { pass } = newAdmission();
    for (let count = 0; count < 3; count++) pass(8_000, 10);
    expect(pass(100, 100)).toBe(7);
    expect(pass(100, 100)).toBe(11);
    expect(pass(100, 10)).toBe(10);
    expect(pass(100, 1_000)).toBe(1_000);
  });

  it('with a time to come back at that is neither now nor far away', () => {
    const { admission, pass } = newAdmission();
    expect(admission.retryAfterSec).toBe(1);
    pass(3_600_000);
    expect(admission.retryAfterSec).toBe(30);
  });
});
