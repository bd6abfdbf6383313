/** What a peer is refused with, and how it is told so that its user sees the reason. */
import type { OutgoingMessage } from './chunks.ts';
import { onStatus } from './commands.ts';
import type { Refusal } from './publish.ts';

/** The refusals of the conversation itself; the handler has its own. */
export const REFUSALS = {
  noCommandObject: { code: 'NetConnection.Connect.Failed', description: 'connect has no command object' },
  secondConnect: { code: 'NetConnection.Connect.Failed', description: 'Already connected' },
  publishBeforeConnect: { code: 'NetStream.Publish.Failed', description: 'publish came before connect' },
  noStreamName: { code: 'NetStream.Publish.BadName', description: 'publish has no stream name' },
  secondPublish: { code: 'NetStream.Publish.BadName', description: 'Already publishing on this connection' },
  playNotSupported: { code: 'NetStream.Play.Failed', description: 'Playing over RTMP is not supported' },
  internalError: { code: 'NetStream.Publish.Failed', description: 'Internal error' },
} as const satisfies Readonly<Record<string, Refusal>>;

/**
 * The codes whose description every librtmp shows (rtmp.c, HandleInvoke), and with it OBS Studio in its log: of any other
 * its user would see the code at most. So a refusal with another code is sent a second time as `Denied`. BadName is another:
 * OBS ends its push for it since version 26 only (obs-studio#3078), and waited for ever before.
 */
const SHOWN_BY_LIBRTMP: ReadonlySet<string> = new Set(['NetStream.Publish.Denied', 'NetStream.Play.Failed']);
/** Names that the peer sent are in descriptions, and may be as long as a message. */
const MAX_DESCRIPTION_CHARS = 2_000;

/** The last messages to a peer whose publish, or play, is refused. */
export function refusalMessages(given: Refusal, messageStreamId: number): readonly OutgoingMessage[] {
  const refusal = shortened(given);
  const isShown = SHOWN_BY_LIBRTMP.has(refusal.code);
  const { description } = refusal;
  return [
    onStatus('error', refusal, messageStreamId),
    ...(isShown ? [] : [onStatus('error', { code: 'NetStream.Publish.Denied', description }, messageStreamId)]),
  ];
}

/** The last message to a peer whose push is ended. */
export function cutMessages(given: Refusal, messageStreamId: number): readonly OutgoingMessage[] {
  return [onStatus('error', shortened(given), messageStreamId)];
}

/** For the log. */
export function describeRefusal({ code, description }: Refusal): string {
  return `${code}: ${description}`;
}

function shortened({ code, description }: Refusal): Refusal {
  return { code, description: description.slice(0, MAX_DESCRIPTION_CHARS) };
}
