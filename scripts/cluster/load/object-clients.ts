import type { Reply } from '../../crash/client.ts';
import { OBJECTS } from '../../crash/load/places.ts';
import { isTrouble, type Post } from './worker.ts';

const MAX_BYTES = 40_000;
const RACERS = 4;

/** PutObject, overwriting and DeleteObject; a key whose last change was not answered is left for the auditor. */
export async function* objectWriter({ client, ledger, random, name }: Post): AsyncGenerator<void, never> {
  const from = random.below(2 ** 31);
  for (let number = 0; ; number++) {
    const path = `/${OBJECTS}/objects/${name}/${from}-${number}`;
    const entry = ledger.object(path);
    for (let writes = 1 + random.below(3); writes > 0; writes--) {
      const body = random.bytes(random.below(MAX_BYTES));
      await entry.change({ kind: 'bytes', bytes: body }, () => client.oss('PUT', path, { body }));
      yield;
    }
    if (random.chance(0.3)) await entry.change(undefined, () => client.oss('DELETE', path));
  }
}

/** Several want to be the first with a key, by any node: one of them is. */
export async function* forbiddenOverwriter({
  client,
  ledger,
  random,
  name,
  report,
}: Post): AsyncGenerator<void, never> {
  const from = random.below(2 ** 31);
  for (let number = 0; ; number++) {
    const path = `/${OBJECTS}/races/${name}/${from}-${number}`;
    const headers = { 'x-oss-forbid-overwrite': 'true' };
    const bodies = Array.from({ length: RACERS }, () => random.bytes(100));
    const outcomes = await Promise.allSettled(bodies.map((body) => client.ask('PUT', path, { headers, body })));
    const winners = bodies.filter((_, at) => answer(outcomes[at])?.status === 200);
    const isAnswered = outcomes.every((outcome) => [200, 409].includes(answer(outcome)?.status ?? 0));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected' && !isTrouble(outcome.reason)) throw outcome.reason;
    }
    const [winner] = winners;
    if (winners.length > 1 || (isAnswered && !winner))
      report(`${winners.length} of ${RACERS} were the first with ${path}`);
    if (winner) ledger.object(path).settle({ kind: 'bytes', bytes: winner });
    yield;
  }
}

function answer(outcome: PromiseSettledResult<Reply> | undefined): Reply | undefined {
  return outcome?.status === 'fulfilled' ? outcome.value : undefined;
}
