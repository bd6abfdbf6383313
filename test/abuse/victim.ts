import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Answer, Question } from './server.ts';

const LOOKS = 5;

/** A server under attack, in a separate process so that its memory can be measured alone. */
export interface Victim {
  readonly port: number;
  measure(): Promise<Answer>;
  /** Moves its clock; resolves with what it holds afterwards. */
  advance(ms: number): Promise<Answer>;
  /** Asks repeatedly until it holds no connection. */
  settled(): Promise<Answer>;
  /** The smallest of several measurements: one garbage collection may leave garbage to the next. */
  leastBytes(): Promise<number>;
  /** A connection to it; the test ignores how it ends. */
  connect(): Socket;
}

/** Stopped at the end of the test. @param dataDir default: in memory */
export async function startVictim(dataDir?: string): Promise<Victim> {
  const child = fork(new URL('./server.ts', import.meta.url), dataDir === undefined ? [] : [dataDir], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [{ port }] = await once(child, 'message');
  const ask = async (question: Question) => {
    child.send(question);
    const [answer] = await once(child, 'message');
    return answer;
  };
  const settled = async (): Promise<Answer> => {
    for (;;) {
      // Thousands may still wait to be accepted, one in each turn of its loop: a collection in each would take minutes.
      while ((await ask({ ask: 'sockets' })) > 0);
      const answer = await ask({ ask: 'measure' });
      if (answer.sockets === 0) return answer;
    }
  };
  return {
    port,
    settled,
    measure: () => ask({ ask: 'measure' }),
    advance: (ms) => ask({ ask: 'advance', ms }),
    async leastBytes() {
      let leastBytes = Infinity;
      for (let look = 0; look < LOOKS; look++) leastBytes = Math.min(leastBytes, (await settled()).usedBytes);
      return leastBytes;
    },
    connect: () => connect(port, '127.0.0.1').on('error', () => {}),
  };
}
