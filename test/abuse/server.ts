/** An emulator in a process of its own that reports the sockets and memory it holds; `victim.ts` is the other end. */
import { ManualClock } from '../../src/base/clock.ts';
import { Emulator } from '../../src/emulator/emulator.ts';

export type Question = { readonly ask: 'measure' } | { readonly ask: 'advance'; readonly ms: number };

export interface Answer {
  readonly sockets: number;
  /** V8's heap and what buffers hold outside of it, after a collection. */
  readonly usedBytes: number;
}

function measure(): Answer {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  return { sockets, usedBytes: heapUsed + external };
}

const clock = new ManualClock(1_735_732_800_000);
const buckets = [{ name: 'examplebucket', acl: 'public-read-write' }] as const;
const emulator = new Emulator({ memory: true, host: '127.0.0.1', port: 0, rtmpPort: undefined, buckets }, { clock });
const { port } = await emulator.start();

process.on('message', (question: Question) => {
  if (question.ask === 'advance') clock.advance(question.ms);
  // The last events release what they hold in the turns after them.
  setImmediate(() => setImmediate(() => process.send?.(measure())));
});
process.send?.({ port });
