import { describe, expect, it } from 'vitest';
import type { OutgoingMessage } from '../../src/rtmp/chunks.ts';
import { readCommand } from '../../src/rtmp/commands.ts';
import { DEFAULT_RTMP_LIMITS } from '../../src/rtmp/limits.ts';
import { cutMessages, describeRefusal, REFUSALS, refusalMessages } from '../../src/rtmp/refusal-messages.ts';

function statusesOf(messages: readonly OutgoingMessage[]) {
  return messages.map((message) => {
    const { name, args, messageStreamId } = readCommand(message, DEFAULT_RTMP_LIMITS.amf0);
    return { name, messageStreamId, status: { ...Object(args[0]) } };
  });
}

const UNAUTHORIZED = { code: 'NetStream.Publish.Unauthorized', description: 'Why.' };

describe('a refusal', () => {
  it.each(['NetStream.Publish.Denied', 'NetStream.Play.Failed'])(
    'with %s is sent once, on its message stream',
    (code) => {
      const status = { level: 'error', code, description: 'Why.' };
      expect(statusesOf(refusalMessages({ code, description: 'Why.' }, 3))).toEqual([
        { name: 'onStatus', messageStreamId: 3, status },
      ]);
    },
  );

  it.each(['NetStream.Publish.Unauthorized', 'NetStream.Publish.BadName'])(
    'with %s, whose description some librtmp would not show, is sent a second time',
    (code) => {
      const statuses = statusesOf(refusalMessages({ code, description: 'Why.' }, 1)).map(({ status }) => status);
      expect(statuses).toEqual([
        { level: 'error', code, description: 'Why.' },
        { level: 'error', code: 'NetStream.Publish.Denied', description: 'Why.' },
      ]);
    },
  );

  it('of a push that runs is sent once', () => {
    expect(statusesOf(cutMessages(UNAUTHORIZED, 1)).map(({ status }) => status)).toEqual([
      { level: 'error', ...UNAUTHORIZED },
    ]);
  });

  it('has a description of limited length, which the log has as a whole', () => {
    const long = { code: 'NetStream.Publish.Denied', description: 'x'.repeat(9_000) };
    for (const messages of [refusalMessages(long, 1), cutMessages(long, 1)]) {
      expect(statusesOf(messages)[0]?.status.description).toHaveLength(2_000);
    }
    expect(describeRefusal(long)).toBe(`NetStream.Publish.Denied: ${long.description}`);
  });

  it('of the conversation has a code of NetConnection or NetStream', () => {
    for (const { code } of Object.values(REFUSALS)) expect(code).toMatch(/^Net(Connection|Stream)\.\w+\.\w+$/);
  });
});
