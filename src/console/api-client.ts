/** The control API as the page calls it, typed by the table from which the server is made. */
import type { Api } from '../control-plane/admin/control-api.ts';
import type { AnswerOf, InputOf } from '../control-plane/admin/route.ts';
import { CallFailed } from './call-failed.ts';
import { type Contact, LIMITS } from './contact.ts';
import type { Send } from './send.ts';

/** What the page calls, by the names of the server's table; what may take long is in `long-api.ts`. */
export const CALLS = {
  info: 'GET /info',
  nodes: 'GET /nodes',
  channels: 'GET /channels',
  putChannel: 'PUT /channels/:bucket/:channel',
  putChannelStatus: 'POST /channels/:bucket/:channel/status',
  deleteChannel: 'DELETE /channels/:bucket/:channel',
  history: 'GET /channels/:bucket/:channel/history',
  fragments: 'GET /channels/:bucket/:channel/fragments',
  sign: 'POST /sign',
  presign: 'POST /presign',
  streams: 'GET /live/streams',
  recordings: 'GET /live/recordings',
  recordConfigs: 'GET /live/record-configs',
  runOperation: 'POST /rpc/:operation',
  rooms: 'GET /rooms',
  roomAddress: 'POST /rooms/address',
  removeParticipant: 'DELETE /rooms/:appId/:channelId/:userId',
  viewers: 'GET /viewers',
  removeViewer: 'DELETE /viewers/:id',
  callbacks: 'GET /callbacks',
  retryCallback: 'POST /callbacks/:id/retry',
  publish: 'POST /publish',
  publishes: 'GET /publish',
  stopPublish: 'DELETE /publish/:id',
  repeatRequest: 'GET /requests/:requestId',
  usage: 'GET /usage',
  clock: 'GET /clock',
  freezeClock: 'POST /clock/freeze',
  resumeClock: 'POST /clock/resume',
  setClock: 'POST /clock/set',
  advanceClock: 'POST /clock/advance',
  resetClock: 'POST /clock/reset',
  faults: 'GET /faults',
  faultOperations: 'GET /faults/operations',
  addFault: 'POST /faults',
  removeFault: 'DELETE /faults/:id',
  clearFaults: 'DELETE /faults',
} as const satisfies Partial<Record<keyof Api, string>>;

/** They are posted, and change nothing. */
const QUESTIONS: readonly CallName[] = ['sign', 'presign'];

type CallName = keyof typeof CALLS;
type AnswerTo<Name extends CallName> = AnswerOf<Api[Name]>;

export type Info = AnswerTo<'info'>;
export type NodeItem = AnswerTo<'nodes'>['nodes'][number];
export type ChannelItem = AnswerTo<'channels'>['channels'][number];
export type PushItem = AnswerTo<'history'>['pushes'][number];
export type FragmentItem = AnswerTo<'fragments'>['fragments'][number];
export type FaultItem = AnswerTo<'faults'>['faults'][number];
export type PublishItem = AnswerTo<'publishes'>['publishes'][number];
export type Signature = AnswerTo<'sign'>;
export type ClockState = AnswerTo<'clock'>;
export type StreamItem = AnswerTo<'streams'>['streams'][number];
export type RecordingItem = AnswerTo<'recordings'>['recordings'][number];
export type IndexFileItem = AnswerTo<'recordings'>['indexFiles'][number];
export type RecordConfigItem = AnswerTo<'recordConfigs'>['configs'][number];
export type RepeatItem = AnswerTo<'repeatRequest'>;
export type BucketUsageItem = AnswerTo<'usage'>['buckets'][number];
export type RoomItem = AnswerTo<'rooms'>['rooms'][number];
export type ParticipantItem = RoomItem['participants'][number];
export type PushAddress = AnswerTo<'roomAddress'>;
export type ViewerItem = AnswerTo<'viewers'>['viewers'][number];
export type CallbackItem = AnswerTo<'callbacks'>['callbacks'][number];
export type DeadLetterItem = AnswerTo<'callbacks'>['deadLetters'][number];

/** The parts of the input that a call requires. */
type NeededInput<Input> = { readonly [Part in keyof Input as object extends Input[Part] ? never : Part]: Input[Part] };
export type InputTo<R> = Partial<InputOf<R>> & NeededInput<InputOf<R>>;
type CallInput<Name extends CallName> = InputTo<Api[Name]>;

/** @throws CallFailed when the emulator refuses the call or does not answer */
export type ControlApi = <Name extends CallName>(
  name: Name,
  ...input: object extends CallInput<Name> ? [input?: CallInput<Name>] : [input: CallInput<Name>]
) => Promise<AnswerTo<Name>>;

interface Parts {
  readonly params?: object;
  readonly query?: object;
  readonly body?: unknown;
}

/**
 * @param base of the control API, without a slash at its end
 * @throws CallFailed (the returned function) when the emulator refuses the call or does not answer
 */
export function createControlApi(base: string, send: Send, contact: Contact): ControlApi {
  return async (name, { params = {}, query = {}, body = {} }: Parts = {}) => {
    const [method = '', path = ''] = CALLS[name].split(' ');
    const url = base + withParams(path, params) + queryText(query);
    const limit = method === 'GET' || QUESTIONS.includes(name) ? LIMITS.question : LIMITS.change;
    const sent = method === 'GET' ? null : JSON.stringify(body);
    const response = await contact.answerOfEmulator(limit, (signal) => send(url, { method, body: sent, signal }));
    return documentIn(response, await contact.text(limit, response));
  };
}

/**
 * The document of an answer. The server is made from the table of the calls, so no more of it is checked than that it is one.
 * @throws CallFailed when the call is refused; also by a server that stops or is full, which says so in XML
 */
export function documentIn<Answer>({ ok, status }: Response, text: string): Answer {
  const document = parsedObject(text);
  if (ok && document) return document;
  if (typeof document?.error === 'string' && document.error) throw new CallFailed(document.error, document.argument);
  throw new CallFailed(`The emulator does not answer: HTTP ${status}.`);
}

/** Undefined when the text is no JSON object. */
export function parsedObject(text: string) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Browsers take the segments `.` and `..` out of a path, however they are written, so the slash before them is `%2F`.
 * @param path of the server's table, with `:name` for parameters
 */
export function withParams(path: string, params: object): string {
  const values = new Map(Object.entries(params));
  return path
    .replace(/:(\w+)/g, (_match, name: string) => encodeURIComponent(values.get(name) ?? ''))
    .replace(/\/(?=\.{1,2}(?:\/|$))/g, '%2F');
}

function queryText(query: object): string {
  const given = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return given.length === 0 ? '' : `?${given.join('&')}`;
}
