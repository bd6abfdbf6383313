import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import {
  type Attempt,
  Deliverer,
  type DelivererOptions,
  type Delivery,
  DeliveryRefused,
} from '../../src/base/deliverer.ts';
import { WatchedClock } from '../support/watched-clock.ts';

function delivery(attempt: Delivery['attempt'], delaysMs: readonly number[] = []): Delivery {
  return { attempt, retryDelayMs: (failedAttempts) => delaysMs[failedAttempts - 1], onRetry: () => {} };
}

function open(options: Partial<DelivererOptions> = {}): Deliverer {
  return new Deliverer({ clock: new ManualClock(0), timeoutMs: 5_000, maxPending: 10, ...options });
}

/** Ends only when its signal aborts. */
function hanging(signal: AbortSignal): Promise<Attempt> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

describe('a delivery', () => {
  it('is attempted until it succeeds, with the waits it asks for', async () => {
    const clock = new WatchedClock(0);
    const attemptsMs: number[] = [];
    const ended = open({ clock }).deliver(
      delivery(async () => {
        attemptsMs.push(clock.now());
        return { delivered: attemptsMs.length === 3, answer: `answer ${attemptsMs.length}` };
      }, [200, 1_000, 1_000]),
    );
    for (const delayMs of [200, 1_000]) {
      await clock.timerSet(delayMs);
      clock.advance(delayMs);
    }
    expect(await ended).toEqual({ delivered: true, answer: 'answer 3', attempts: 3 });
    expect(attemptsMs).toEqual([0, 200, 1_200]);
  });

  it('is given up with the reason of its last attempt; an error is a failed attempt', async () => {
    const ended = open().deliver(
      delivery(async () => {
        throw new TypeError('fetch failed', { cause: new Error('connection refused') });
      }),
    );
    expect(await ended).toEqual({ delivered: false, answer: 'connection refused', attempts: 1 });
  });

  it('has no further attempt when it may not be sent', async () => {
    const ended = open().deliver(delivery(() => Promise.reject(new DeliveryRefused('not sent')), [200, 1_000]));
    expect(await ended).toEqual({ delivered: false, answer: 'not sent', attempts: 1, isRefused: true });
  });

  it('has a limited time for each attempt', async () => {
    const clock = new WatchedClock(0);
    const started = clock.timerSet(5_000);
    const ended = open({ clock }).deliver(delivery(hanging));
    await started;
    clock.advance(5_000);
    expect(await ended).toMatchObject({ delivered: false, answer: 'no answer in 5000 ms' });
  });

  it.each(['in an attempt', 'in a wait'])('ends without a result when it is aborted %s', async (when) => {
    const clock = new WatchedClock(0);
    const aborter = new AbortController();
    const started = clock.timerSet(when === 'in a wait' ? 200 : 5_000);
    const attempt = when === 'in a wait' ? async () => ({ delivered: false, answer: '' }) : hanging;
    const ended = open({ clock }).deliver(delivery(attempt, [200]), aborter.signal);
    await started;
    aborter.abort();
    expect(await ended).toBeUndefined();
  });
});

describe('Deliverer', () => {
  it('refuses more deliveries than it may have, until one has ended', async () => {
    const deliverer = open({ maxPending: 2 });
    const first = new AbortController();
    const ended = deliverer.deliver(delivery(hanging), first.signal);
    expect(deliverer.deliver(delivery(hanging))).toBeDefined();
    expect(deliverer.deliver(delivery(hanging))).toBeUndefined();
    first.abort();
    await ended;
    expect(deliverer.deliver(delivery(hanging))).toBeDefined();
    await deliverer.stop();
  });

  it('makes a limited number of attempts at a time, the others in their order', async () => {
    const deliverer = open({ maxAttempts: 2 });
    const begun: number[] = [];
    const finishers: (() => void)[] = [];
    let bothBegun: () => void = () => {};
    const both = new Promise<void>((resolve) => {
      bothBegun = resolve;
    });
    const attempt = (n: number) => (): Promise<Attempt> => {
      begun.push(n);
      if (begun.length === 2) bothBegun();
      return new Promise((resolve) => {
        finishers.push(() => resolve({ delivered: true, answer: '' }));
        if (n > 2) finishers.at(-1)?.();
      });
    };
    const all = [1, 2, 3, 4].map((n) => deliverer.deliver(delivery(attempt(n))));
    await both;
    expect(begun).toEqual([1, 2]);
    for (const finish of finishers) finish();
    await Promise.all(all);
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it('ends everything when it stops; deliveries that had no turn are not attempted', async () => {
    const deliverer = open({ maxAttempts: 1 });
    let attempts = 0;
    const attempt = (signal: AbortSignal) => {
      attempts++;
      return hanging(signal);
    };
    const all = [1, 2, 3].map(() => deliverer.deliver(delivery(attempt)));
    await deliverer.stop();
    expect(await Promise.all(all)).toEqual([undefined, undefined, undefined]);
    expect(attempts).toBeLessThanOrEqual(1);
  });

  it('leaves nothing at a signal that outlives its deliveries', async () => {
    const deliverer = open();
    const { signal } = new AbortController();
    for (let count = 0; count < 5; count++) {
      await deliverer.deliver(
        delivery(async () => ({ delivered: true, answer: '' })),
        signal,
      );
    }
    // Node keeps there the listeners, and the signals made of it with AbortSignal.any.
    const kept = Object.getOwnPropertySymbols(signal).map((key) => Number(Reflect.get(signal, key)?.size ?? 0));
    expect(Math.max(...kept)).toBe(0);
  });

  it('does not start a delivery whose signal has aborted, or after it was stopped', async () => {
    const deliverer = open();
    const attempt = async () => ({ delivered: true, answer: '' });
    expect(await deliverer.deliver(delivery(attempt), AbortSignal.abort())).toBeUndefined();
    await deliverer.stop();
    expect(await deliverer.deliver(delivery(attempt))).toBeUndefined();
  });
});
