/**
 * Headers of an answer that is read while it is written: proxies pass it on at once, as it is. nginx buffers an answer, and may
 * compress it, unless it is told not to.
 */
export const UNBUFFERED = { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' } as const;
