const BUCKET_MS = 1_000;
/** Source: nginx-rtmp-module averages bandwidth over ten seconds. */
const WINDOW_BUCKETS = 10;

/** How much arrived per second, averaged over the last ten full seconds; 0 until the first second is over. */
export class RateMeter {
  readonly #buckets: { bytes: number; count: number }[] = [];
  #current = { bytes: 0, count: 0 };
  #currentStartMs: number;

  constructor(nowMs: number) {
    this.#currentStartMs = nowMs;
  }

  add(bytes: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#current.bytes += bytes;
    this.#current.count++;
  }

  bytesPerSecond(nowMs: number): number {
    return Math.round(this.#average(nowMs, ({ bytes }) => bytes));
  }

  countPerSecond(nowMs: number): number {
    return Math.round(this.#average(nowMs, ({ count }) => count));
  }

  #average(nowMs: number, value: (bucket: { bytes: number; count: number }) => number): number {
    this.#advance(nowMs);
    if (this.#buckets.length === 0) return 0;
    return this.#buckets.reduce((sum, bucket) => sum + value(bucket), 0) / this.#buckets.length;
  }

  #advance(nowMs: number): void {
    let elapsedBuckets = Math.floor((nowMs - this.#currentStartMs) / BUCKET_MS);
    if (elapsedBuckets <= 0) return;
    this.#currentStartMs += elapsedBuckets * BUCKET_MS;
    elapsedBuckets = Math.min(elapsedBuckets, WINDOW_BUCKETS + 1);
    while (elapsedBuckets-- > 0) {
      this.#buckets.push(this.#current);
      this.#current = { bytes: 0, count: 0 };
    }
    this.#buckets.splice(0, Math.max(0, this.#buckets.length - WINDOW_BUCKETS));
  }
}
