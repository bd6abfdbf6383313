/** Several clients want the same at once, by any nodes: the answers must agree, and with what is stored. */
import type { Reply } from '../../crash/client.ts';
import { OBJECTS } from '../../crash/load/places.ts';
import { completion } from '../../crash/load/uploader.ts';
import { isTrouble, type Post } from './worker.ts';

const RACERS = 4;
const APPENDS = 5;
const PART_BYTES = 100 * 1024;

/** Several want to be the first with a key: one of them is. */
export async function* forbiddenOverwriter(post: Post): AsyncGenerator<void> {
  const { client, ledger, random, report } = post;
  for (const path of paths(post, 'first')) {
    const headers = { 'x-oss-forbid-overwrite': 'true' };
    const bodies = Array.from({ length: RACERS }, () => random.bytes(100));
    const statuses = await race(bodies.map((body) => client.ask('PUT', path, { headers, body })));
    const winner = onlyWinner(statuses, [409], (count) => report(`${count} of ${RACERS} were the first with ${path}`));
    const bytes = bodies[winner];
    if (bytes) ledger.object(path).settle({ kind: 'bytes', bytes });
    yield;
  }
}

/** Several append at the same position: one of them does. */
export async function* appender(post: Post): AsyncGenerator<void> {
  const { client, ledger, random, report } = post;
  for (const path of paths(post, 'appended')) {
    let bytes = Buffer.alloc(0);
    for (let appends = 0; appends < APPENDS; appends++) {
      const query = { append: '', position: String(bytes.length) };
      const tails = Array.from({ length: RACERS }, () => random.bytes(1 + random.below(5_000)));
      const statuses = await race(tails.map((body) => client.ask('POST', path, { query, body })));
      const told = (count: number) => report(`${count} of ${RACERS} appended to ${path} at ${query.position}`);
      const winner = tails[onlyWinner(statuses, [409], told)];
      if (!winner) {
        // Whether one was done that was not answered is not known.
        ledger.objects.delete(path);
        break;
      }
      bytes = Buffer.concat([bytes, winner]);
      ledger.object(path).settle({ kind: 'bytes', bytes });
      yield;
    }
    yield;
  }
}

/** A part is written twice at once; then the upload is completed by some, and perhaps aborted by one, at once. */
export async function* uploadRacer(post: Post): AsyncGenerator<void> {
  const { client, ledger, random, report } = post;
  for (const path of paths(post, 'uploaded')) {
    yield;
    const { text } = await client.oss('POST', path, { query: { uploads: '' } });
    const uploadId = /<UploadId>(\w+)</.exec(text)?.[1] ?? '';
    const parts = [random.bytes(PART_BYTES), random.bytes(PART_BYTES)];
    const query = { partNumber: '1', uploadId };
    const stored = await race(parts.map((body) => client.ask('PUT', path, { query, body })));
    if (stored.some((status) => status !== undefined && status !== 200)) report(`parts of ${path}: ${stored}`);
    // One that was not answered may be stored at any time.
    if (stored.includes(undefined)) continue;
    const body = (bytes: Buffer) => completion(new Map([[1, bytes]]));
    const completing = parts.map((part) => client.ask('POST', path, { query: { uploadId }, body: body(part) }));
    const aborting = random.chance(0.5) ? [client.ask('DELETE', path, { query: { uploadId } })] : [];
    const statuses = await race([...completing, ...aborting]);
    // InvalidPart is for who names the part that the other one replaced.
    const told = (count: number) => report(`${count} of ${statuses.length} ended the upload of ${path}: ${statuses}`);
    const winner = onlyWinner(statuses, [400, 404], told);
    const bytes = parts[winner];
    if (bytes) ledger.object(path).settle({ kind: 'bytes', bytes });
    else if (winner === parts.length) ledger.object(path).settle(undefined);
  }
}

/** Keys of one worker, which no other round has. */
function* paths({ random, name }: Post, what: string): Generator<string, void> {
  const from = random.below(2 ** 31);
  for (let number = 0; ; number++) yield `/${OBJECTS}/${what}/${name}/${from}-${number}`;
}

/** The status of each; undefined without an answer that says what was done. */
async function race(calls: readonly Promise<Reply>[]): Promise<readonly (number | undefined)[]> {
  const outcomes = await Promise.allSettled(calls);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected' && !isTrouble(outcome.reason)) throw outcome.reason;
    const status = outcome.status === 'fulfilled' ? outcome.value.status : undefined;
    return status === 503 ? undefined : status;
  });
}

/**
 * The place of the only one who succeeded; -1 without one.
 * @param losing the statuses of those who did not
 * @param report takes how many succeeded, when that is not one
 */
function onlyWinner(
  statuses: readonly (number | undefined)[],
  losing: readonly number[],
  report: (count: number) => void,
): number {
  const winners = [...statuses.keys()].filter((at) => [200, 204].includes(statuses[at] ?? 0));
  const isCertain = statuses.every((status) => status !== undefined);
  const isWrong = statuses.some((status) => status !== undefined && ![200, 204, ...losing].includes(status));
  if (winners.length > 1 || isWrong || (isCertain && winners.length === 0)) report(winners.length);
  return winners[0] ?? -1;
}
