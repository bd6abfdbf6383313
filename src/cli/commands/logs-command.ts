import { UsageError } from '../../base/errors.ts';
import { unknownName } from '../../base/nearest.ts';
import { EVENT_LEVELS, levelOf, readEventTypes } from '../../events/event-levels.ts';
import { type Command, type CommandContext, EXIT, flagValue, printable } from './command.ts';
import { URL_OPTION } from './emulator-client.ts';
import { type EventDocument, eventOptions, eventPageAfter, eventQuery, readSince } from './event-options.ts';

export const logsCommand: Command = {
  name: 'logs',
  summary: 'Print what happened, and with --follow what happens',
  isEndless: true,
  options: [
    { flag: 'follow', help: 'Go on until it is stopped' },
    { flag: 'type', argument: 'TYPE[,TYPE]', help: 'Only these events, e.g. publish.refused [all]' },
    ...eventOptions,
    { flag: 'level', argument: 'LEVEL', help: `This and above: ${EVENT_LEVELS.join(', ')} [debug]` },
    {
      flag: 'since',
      argument: 'TIME',
      help: 'ISO 8601, Unix milliseconds, or ago like -90m [all that are remembered]',
    },
    URL_OPTION,
  ],

  async run(context: CommandContext) {
    const types = flagValue(context, 'type');
    const query = eventQuery(context, types === undefined ? undefined : readEventTypes('--type', types));
    const lowest = readLevel(context);
    const sinceMs = (await readSince(context)) ?? Number.NEGATIVE_INFINITY;
    const isFollowed = context.flags.has('follow');
    const stopping = new AbortController();
    const unsubscribe = context.onSignal(() => stopping.abort());
    try {
      for (let after = 0, isUpToDate = false; !isUpToDate || isFollowed; ) {
        const options = { waits: isUpToDate, signal: stopping.signal };
        const { events, next, lost } = await eventPageAfter(context, query, after, options);
        // Of the first page, what was forgotten long ago is no loss.
        if (after > 0 && lost > 0) context.err(`${lost} events were forgotten before they could be read.`);
        for (const event of events) {
          if (event.atMs >= sinceMs && EVENT_LEVELS.indexOf(levelOf(event)) >= lowest) print(context, event);
        }
        isUpToDate = next === after || events.length === 0;
        after = next;
      }
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    } finally {
      unsubscribe();
    }
    return EXIT.ok;
  },
};

/** @throws UsageError when there is no such level */
function readLevel(context: CommandContext): number {
  const text = flagValue(context, 'level') ?? EVENT_LEVELS[0];
  const level = EVENT_LEVELS.find((known) => known === text);
  if (!level) throw new UsageError(`--level: ${unknownName('level', text, EVENT_LEVELS)}.`);
  return EVENT_LEVELS.indexOf(level);
}

/** One line each, as JSON or for people. */
function print(context: CommandContext, event: EventDocument): void {
  context.out(context.flags.has('json') ? JSON.stringify(event) : printable(eventLine(event)).replaceAll('\n', '?'));
}

/** `2026-01-05T00:00:00.000Z warn  publish.refused  bucket=media code=AccessDenied`. */
export function eventLine({ id: _id, atMs, type, ...details }: EventDocument): string {
  const level = levelOf({ type, status: details.status, lostFragments: details.lostFragments });
  const shown = Object.entries(details).map(([name, value]) => `${name}=${shownValue(value)}`);
  return [new Date(atMs).toISOString(), level.padEnd(5), type, ...shown].join(' ');
}

function shownValue(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
