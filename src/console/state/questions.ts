/** The questions that are asked for as long as the page is open: by time only while there is something to watch. */
import type { Clock } from '../../base/clock.ts';
import type { ChannelItem, ControlApi, FaultItem, NodeItem } from '../api-client.ts';
import type { JournalEvent } from './journal.ts';
import type { Question } from './kept-answer.ts';
import { type Sampled, sampled } from './rates.ts';

/** How often the figures of a push are read. */
const MEASURE_MS = 1_000;

/** While there are rules, or several nodes. */
const WATCHED_EVERY_MS = 2_000;

/** For what changes without an event: by a call of the control API elsewhere. */
const IDLE_EVERY_MS = 10_000;

const CHANNEL_CHANGES: readonly (string | undefined)[] = [
  'PutLiveChannel',
  'PutLiveChannelStatus',
  'DeleteLiveChannel',
];

export function channelsQuestion(api: ControlApi, clock: Clock): Question<readonly Sampled<ChannelItem>[]> {
  return {
    ask: async (known) => sampled((await api('channels')).channels, clock.now(), known),
    refreshOn: ['publish.accepted', 'publish.ended', 'emulator.reset', 'emulator.seeded', 'emulator.imported'],
    changesBy: changesChannels,
    everyMs: (channels = []) => (channels.some(({ live }) => live) ? MEASURE_MS : IDLE_EVERY_MS),
  };
}

export function faultsQuestion(api: ControlApi): Question<readonly FaultItem[]> {
  return {
    ask: async () => (await api('faults')).faults,
    refreshOn: ['fault.fired', 'emulator.reset'],
    everyMs: (faults = []) => (faults.length > 0 ? WATCHED_EVERY_MS : IDLE_EVERY_MS),
  };
}

export function nodesQuestion(api: ControlApi): Question<readonly NodeItem[]> {
  return {
    ask: async () => (await api('nodes')).nodes,
    refreshOn: ['emulator.reset'],
    everyMs: (nodes = []) => (nodes.length > 1 ? WATCHED_EVERY_MS : IDLE_EVERY_MS),
  };
}

function changesChannels(event: JournalEvent): boolean {
  return event.type === 'request.answered' && event.status < 300 && CHANNEL_CHANGES.includes(event.operation);
}
