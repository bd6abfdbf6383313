import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { createControlApi } from '../../../src/console/api-client.ts';
import { Contact } from '../../../src/console/contact.ts';
import { Journal } from '../../../src/console/state/journal.ts';
import { KeptAnswer } from '../../../src/console/state/kept-answer.ts';
import { Notice } from '../../../src/console/state/notice.ts';
import { channelsQuestion, faultsQuestion, nodesQuestion } from '../../../src/console/state/questions.ts';
import { emulatorAnswer } from '../support/emulator-answer.ts';

const LIVE = { sessionId: 's1', totals: { videoBytes: 0, audioBytes: 0, videoFrames: 0 } };

/** A page whose emulator gives these answers, and how often it asks for each of them. */
async function openPage(answers: Readonly<Record<string, object>>) {
  const clock = new ManualClock(0);
  const asked = new Map<string, number>();
  const events = new TransformStream<Uint8Array, Uint8Array>();
  const writer = events.writable.getWriter();
  const send = async (url: string) => {
    if (url.startsWith('/events')) return emulatorAnswer(events.readable);
    asked.set(url, (asked.get(url) ?? 0) + 1);
    return emulatorAnswer(JSON.stringify(answers[url]));
  };
  const contact = new Contact(clock);
  const sources = {
    journal: new Journal('/events', { send, contact, clock }),
    notice: new Notice(clock),
    browserClock: clock,
  };
  const api = createControlApi('', send, contact);
  new KeptAnswer(channelsQuestion(api, clock), sources).start();
  new KeptAnswer(faultsQuestion(api), sources).start();
  new KeptAnswer(nodesQuestion(api), sources).start();
  await settled();
  asked.clear();

  let lastId = 0;
  /** Sends an event, and waits until it is shown. */
  const emit = async (event: object) => {
    const id = ++lastId;
    void writer.write(new TextEncoder().encode(`id: ${id}\ndata: ${JSON.stringify({ id, atMs: 0, ...event })}\n\n`));
    await settled();
    clock.advance(50);
    await settled();
  };
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      void writer.write(new TextEncoder().encode(': still here\n\n'));
      clock.advance(1_000);
      await settled();
    }
  };
  return { asked, emit, pass };
}

/** Resolves after everything that has been asked so far. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('in half a minute the page asks', () => {
  it.each([
    ['when nothing is pushed', { live: null }, 0, 1, { '/channels': 3, '/faults': 3, '/nodes': 3 }],
    ['while somebody pushes', { live: LIVE }, 0, 1, { '/channels': 30, '/faults': 3, '/nodes': 3 }],
    ['while there are rules', { live: null }, 1, 1, { '/channels': 3, '/faults': 15, '/nodes': 3 }],
    ['while there are several nodes', { live: null }, 0, 2, { '/channels': 3, '/faults': 3, '/nodes': 15 }],
  ])('%s', async (_name, channel, rules, nodes, expected) => {
    const { asked, pass } = await openPage({
      '/channels': { channels: [channel] },
      '/faults': { faults: new Array(rules).fill({}) },
      '/nodes': { nodes: new Array(nodes).fill({}) },
    });
    await pass(30);
    expect(Object.fromEntries(asked)).toEqual(expected);
  });
});

describe('the channels are asked for again at once', () => {
  const request = { type: 'request.answered', status: 200 };

  it.each([
    ['after PutLiveChannel', { ...request, operation: 'PutLiveChannel' }, 1],
    ['after PutLiveChannelStatus', { ...request, operation: 'PutLiveChannelStatus' }, 1],
    ['after DeleteLiveChannel', { ...request, operation: 'DeleteLiveChannel', status: 204 }, 1],
    ['when a push begins', { type: 'publish.accepted' }, 1],
    ['when a push ends', { type: 'publish.ended' }, 1],
    ['after a reset', { type: 'emulator.reset' }, 1],
    ['not after a refusal', { ...request, operation: 'PutLiveChannel', status: 400 }, 0],
    ['not after other requests', { ...request, operation: 'GetObject' }, 0],
    ['not when a fragment was stored', { type: 'fragment.stored' }, 0],
  ])('%s', async (_name, event, times) => {
    const { asked, emit } = await openPage({
      '/channels': { channels: [] },
      '/faults': { faults: [] },
      '/nodes': { nodes: [{}] },
    });
    await emit(event);
    expect(asked.get('/channels') ?? 0).toBe(times);
  });
});
