import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { LoopWait } from '../../src/base/loop-wait.ts';
import { RtmpRefusedError } from '../../src/rtmp/client.ts';
import { startTestEmulator } from '../support/emulator.ts';

const LONG = { durationSec: 600, speed: 'realtime' } as const;
/** As many are an overload. */
const PUSHES = 10;
const SHORT = { durationSec: 1, speed: 'max' } as const;

/** The event loop is as busy as a test says. */
function saidWait() {
  const clock = new ManualClock(0);
  let turnMs = 0;
  const loopWait = new LoopWait({
    clock,
    turn: async () => {
      await undefined;
      clock.advance(turnMs);
    },
  });
  let measured = () => {};
  // At the start there are no connections.
  let pauseMs = 5_000;
  loopWait.onMeasured(() => measured());
  /** Everything waits for so long, in as many measurements. */
  const wait = async (waitMs: number, times = 1): Promise<void> => {
    turnMs = waitMs / 10;
    for (let count = 0; count < times; count++) {
      await new Promise<void>((resolve) => {
        measured = resolve;
        clock.advance(pauseMs);
        pauseMs = 1_000;
      });
    }
  };
  return { loopWait, wait };
}

it('an overload refuses new pushes with its reason, and leaves alone those that go on', async () => {
  const { loopWait, wait } = saidWait();
  const lines: string[] = [];
  const log = createLog('warn', (line) => lines.push(line), Date.now);
  const { emulator } = await startTestEmulator({}, { loopWait, log });
  const { publishes, channels } = emulator.control;

  const goingOn = await publishes.start({ channel: 'test-channel', ...LONG });
  for (let n = 1; n < PUSHES; n++) await publishes.start({ channel: `many-${n}`, ...LONG });
  await wait(60_000, 2);
  await (await publishes.start({ channel: 'other', ...SHORT })).done;
  await wait(60_000);
  const reason =
    'overloaded, pushes that go on: 10; ten turns of the event loop took 60000 ms, and more than 500 ms (--max-push-wait) 3 times in a row';
  const refused = publishes.start({ channel: 'other', ...SHORT });
  await expect(refused).rejects.toThrow(RtmpRefusedError);
  await expect(refused).rejects.toThrow('Overloaded: no new pushes are taken');
  expect(emulator.events.since(0)).toContainEqual(
    expect.objectContaining({ type: 'publish.refused', channel: 'other', reason }),
  );
  expect(lines).toContainEqual(expect.stringContaining(`reason="${reason}"`));

  const { sentMs } = goingOn;
  await expect.poll(() => goingOn.sentMs).toBeGreaterThan(sentMs + 300);
  expect(goingOn.state).toBe('running');

  await wait(500);
  await (await publishes.start({ channel: 'other', ...SHORT })).done;
  await goingOn.stop();
  const fragments = await channels.fragments('examplebucket', 'test-channel', 0, Date.now() + 60_000);
  const sum = fragments.reduce((total, { durationMs }) => total + durationMs, 0);
  expect(Math.abs(sum - goingOn.sentMs)).toBeLessThan(200);
});

it('an overload refuses no push where that is switched off', async () => {
  const { loopWait, wait } = saidWait();
  const { emulator } = await startTestEmulator({ maxPushWaitSec: 0 }, { loopWait });
  const { publishes } = emulator.control;
  for (let n = 0; n < PUSHES; n++) await publishes.start({ channel: `many-${n}`, ...LONG });
  await wait(60_000, 4);
  await (await publishes.start({ channel: 'other', ...SHORT })).done;
});
