import type { Chunks } from '../storage/objects/object-store.ts';

const PIECES_PER_SEC = 10;
/** Timers are up to a millisecond late, which must not make a fast rate much slower. */
const LEAST_PAUSE_MS = 10;

/** The same bytes in small pieces, with pauses between them, so that no more than the rate passes. */
export async function* pace(
  body: Chunks,
  bytesPerSec: number,
  pause: (delayMs: number) => Promise<void>,
): AsyncGenerator<Buffer> {
  const pieceBytes = Math.max(1, Math.floor(bytesPerSec / PIECES_PER_SEC));
  let owedMs = 0;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes);
      yield piece;
      owedMs += (piece.length / bytesPerSec) * 1000;
      if (owedMs < LEAST_PAUSE_MS) continue;
      await pause(owedMs);
      owedMs = 0;
    }
  }
  if (owedMs > 0) await pause(owedMs);
}
