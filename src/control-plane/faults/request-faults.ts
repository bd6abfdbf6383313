/** Faults of requests: operations of OSS, and calls of ApsaraVideo Live. */
import type { Clock } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import type { BodyShape, FindRestFault } from '../../http/observer.ts';
import { pace } from '../../http/pace.ts';
import { resetConnection } from '../../net/reset-connection.ts';
import type { FindRpcFault } from '../../rpc/rpc-faults.ts';
import type { Chunks } from '../../storage/objects/object-store.ts';
import { ossErrorOf, rpcErrorOf } from './fault-errors.ts';
import type { Fault } from './fault-rule.ts';
import type { Faults } from './faults.ts';

export function restFaults(faults: Faults, clock: Clock): FindRestFault {
  return (target) => {
    const fault = faults.find('request', target);
    if (!fault) return undefined;
    const strike = strikerOf(fault, clock, ossErrorOf(fault));
    return { strike: (request) => strike(() => resetConnection(request.socket)), shape: shaperOf(fault, clock) };
  };
}

export function rpcFaults(faults: Faults, clock: Clock): FindRpcFault {
  return (target) => {
    const fault = faults.find('request', target);
    return fault && { strike: strikerOf(fault, clock, rpcErrorOf(fault)), shape: shaperOf(fault, clock) };
  };
}

function strikerOf({ effect, removed }: Fault, clock: Clock, error: Error | undefined) {
  return async (reset: () => void): Promise<void> => {
    await wait(clock, effect.delayMs, removed);
    if (effect.reset) reset();
    if (error) throw error;
  };
}

function shaperOf({ effect, removed }: Fault, clock: Clock): BodyShape | undefined {
  const { cutBodyAfterBytes, bytesPerSec } = effect;
  if (cutBodyAfterBytes === undefined && bytesPerSec === undefined) return undefined;
  return (body) => {
    const paced =
      bytesPerSec === undefined ? body : pace(body, bytesPerSec, (delayMs) => wait(clock, delayMs, removed));
    return cutBodyAfterBytes === undefined ? paced : cutAfter(paced, cutBodyAfterBytes);
  };
}

/** Fails after the given number of bytes, which makes the sender destroy the connection. */
async function* cutAfter(body: Chunks, sizeBytes: number): AsyncGenerator<Buffer> {
  let leftBytes = sizeBytes;
  for await (const chunk of body) {
    if (leftBytes > 0) yield chunk.subarray(0, leftBytes);
    leftBytes -= chunk.length;
    if (leftBytes < 0) throw new Error(`a fault rule cut the body after ${sizeBytes} bytes`);
  }
}
