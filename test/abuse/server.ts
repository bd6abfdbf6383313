/** An emulator in a separate process, in memory or in the folder of its argument, which reports the sockets and memory it holds to `victim.ts`. */
import { ManualClock } from '../../src/base/clock.ts';
import { Emulator } from '../../src/emulator/emulator.ts';

export type Question =
  | { readonly ask: 'measure' }
  | { readonly ask: 'sockets' }
  | { readonly ask: 'advance'; readonly ms: number };

export interface Answer {
  readonly sockets: number;
  /** V8's heap and what buffers hold outside of it, after a collection. */
  readonly usedBytes: number;
}

function countSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

function measure(): Answer {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { sockets: countSockets(), usedBytes: heapUsed + external };
}

const clock = new ManualClock(1_735_732_800_000);
const buckets = [{ name: 'examplebucket', acl: 'public-read-write' }] as const;
const [dataDir] = process.argv.slice(2);
const kept = dataDir === undefined ? { memory: true } : { memory: false, dataDir };
const emulator = new Emulator({ ...kept, host: '127.0.0.1', port: 0, rtmpPort: undefined, buckets }, { clock });
const { port } = await emulator.start();

// The events that are kept are bounded; they are kept from the start, so that what grows is not they.
for (let n = 0; n < 10_000; n++) {
  emulator.events.emit({
    type: 'request.answered',
    api: 'oss',
    requestId: '67755F0034373435B2000000',
    remoteAddr: '127.0.0.1',
    method: 'GET',
    target: '/',
    status: 400,
    durationMs: 1,
    refusal: { code: 'BadRequest', message: 'The request is not valid HTTP.', reason: 'x'.repeat(200) },
  });
}

process.on('message', (question: Question) => {
  if (question.ask === 'sockets') {
    process.send?.(countSockets());
    return;
  }
  if (question.ask === 'advance') clock.advance(question.ms);
  // The memory of the last events is released in later turns of the event loop.
  setImmediate(() => setImmediate(() => process.send?.(measure())));
});
process.send?.({ port });
