import { UsageError } from '../../base/errors.ts';
import { parseDuration } from '../../config/option-values.ts';
import { readEventTypes } from '../../events/event-levels.ts';
import { answer, type Command, type CommandContext, EXIT, flagValue, readFlag } from './command.ts';
import { Refused, URL_OPTION } from './emulator-client.ts';
import {
  type EventDocument,
  eventOptions,
  eventPageAfter,
  eventQuery,
  latestEvent,
  readSince,
} from './event-options.ts';
import { eventLine } from './logs-command.ts';

const DEFAULT_TIMEOUT_SEC = 60;

export const waitCommand: Command = {
  name: 'wait',
  summary: 'Wait for an event (--for publish.ended), and print it',
  options: [
    { flag: 'for', argument: 'TYPE[,TYPE]', help: 'The event, e.g. publish.ended; one of several' },
    ...eventOptions,
    { flag: 'since', argument: 'TIME', help: 'Also one that has happened since then, e.g. -10s [now]' },
    {
      flag: 'timeout',
      argument: 'SECONDS',
      help: `Exit code 1 after so long; 0 waits for ever [${DEFAULT_TIMEOUT_SEC}]`,
    },
    URL_OPTION,
  ],

  async run(context: CommandContext) {
    const types = flagValue(context, 'for');
    if (types === undefined)
      throw new UsageError('Name the event with --for, e.g. oss-livechannel-emulator wait --for publish.ended.');
    const query = eventQuery(context, readEventTypes('--for', types));
    const timeoutSec = readFlag(context, 'timeout', parseDuration) ?? DEFAULT_TIMEOUT_SEC;
    const sinceMs = await readSince(context);
    const after = sinceMs === undefined ? await latestEvent(context) : 0;
    const ending = new AbortController();
    const giveUp = (when: string) =>
      ending.abort(new Refused(`No ${types.replaceAll(',', ' or ')} has happened ${when}.`));
    const unsubscribe = context.onSignal(() => giveUp('before this was stopped'));
    const timer =
      timeoutSec > 0 ? context.clock.setTimeout(() => giveUp(`within ${timeoutSec} s`), timeoutSec * 1000) : undefined;
    try {
      const event = await nextEvent(context, query, after, sinceMs ?? Number.NEGATIVE_INFINITY, ending.signal);
      answer(context, event, eventLine(event));
      return EXIT.ok;
    } catch (error) {
      ending.signal.throwIfAborted();
      throw error;
    } finally {
      timer?.cancel();
      unsubscribe();
    }
  },
};

async function nextEvent(
  context: CommandContext,
  query: Readonly<Record<string, string>>,
  first: number,
  sinceMs: number,
  signal: AbortSignal,
): Promise<EventDocument> {
  for (let after = first; ; ) {
    const { events, next } = await eventPageAfter(context, query, after, { waits: true, signal });
    const found = events.find(({ atMs }) => atMs >= sinceMs);
    if (found) return found;
    after = next;
  }
}
