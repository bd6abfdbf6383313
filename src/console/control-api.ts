/** The control API as this page calls it: typed by the table the server is made from. */
import type { Api } from '../control-plane/admin/control-api.ts';
import type { AnswerOf } from '../control-plane/admin/route.ts';
import type { FaultRule } from '../control-plane/faults/fault-rule.ts';
import type { PublishRequest } from '../control-plane/publisher/publish-request.ts';

/** What the page calls, by the names of the server's table. */
export const CALLS = {
  info: 'GET /info',
  channels: 'GET /channels',
  history: 'GET /channels/:bucket/:channel/history',
  fragments: 'GET /channels/:bucket/:channel/fragments',
  vod: 'POST /channels/:bucket/:channel/vod',
  sign: 'POST /sign',
  streams: 'GET /live/streams',
  recordings: 'GET /live/recordings',
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
  clock: 'GET /clock',
  freezeClock: 'POST /clock/freeze',
  resumeClock: 'POST /clock/resume',
  setClock: 'POST /clock/set',
  advanceClock: 'POST /clock/advance',
  resetClock: 'POST /clock/reset',
  faults: 'GET /faults',
  addFault: 'POST /faults',
  removeFault: 'DELETE /faults/:id',
  clearFaults: 'DELETE /faults',
} as const satisfies Partial<Record<keyof Api, string>>;

type Call = keyof typeof CALLS;
export type Answer<Name extends Call> = AnswerOf<Api[Name]>;

export type Info = Answer<'info'>;
export type Channel = Answer<'channels'>['channels'][number];
export type Push = Answer<'history'>['pushes'][number];
export type Fragment = Answer<'fragments'>['fragments'][number];
export type Fault = Answer<'faults'>['faults'][number];
export type Running = Answer<'publishes'>['publishes'][number];
export type Signature = Answer<'sign'>;
export type ClockState = Answer<'clock'>;
export type VodPlaylist = Answer<'vod'>;
export type Stream = Answer<'streams'>['streams'][number];
export type Recording = Answer<'recordings'>['recordings'][number];
export type IndexFile = Answer<'recordings'>['indexFiles'][number];
export type Room = Answer<'rooms'>['rooms'][number];
export type Participant = Room['participants'][number];
export type PushAddress = Answer<'roomAddress'>;
export type Viewer = Answer<'viewers'>['viewers'][number];
export type Callback = Answer<'callbacks'>['callbacks'][number];
export type DeadLetter = Answer<'callbacks'>['deadLetters'][number];

export interface ChannelAddress {
  readonly bucket: string;
  readonly channel: string;
}

/** A stream as an address names it: without a domain, whichever there is. */
export interface StreamAddress {
  readonly domain?: string;
  readonly app: string;
  readonly stream: string;
}

export interface RoomAddress {
  readonly appId: string;
  readonly channelId: string;
}

/** Who is to be let into a room. */
export interface NewUser extends RoomAddress {
  readonly userId: string;
  readonly displayName?: string;
  readonly expiresSec: number;
}

export interface FragmentQuery {
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit?: number;
}

interface Input {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

/** The emulator refused, or did not answer; the message is for the person at the page. */
export class CallFailed extends Error {}

export type ControlApi = ReturnType<typeof createControlApi>;

/** @param base of the control API, without a slash at its end */
export function createControlApi(base: string) {
  async function call<Name extends Call>(name: Name, input: Input = {}): Promise<Answer<Name>> {
    const [method = '', path = ''] = CALLS[name].split(' ');
    const url = base + fill(path, input.params ?? {}) + queryText(input.query ?? {});
    const body = method === 'GET' ? null : JSON.stringify(input.body ?? {});
    const { ok, text } = await exchange(url, { method, body });
    // Both sides are made of the same table, so what the emulator answers is taken at its word.
    const answer = JSON.parse(text);
    if (!ok) throw new CallFailed(String(answer.error));
    return answer;
  }
  return {
    info: () => call('info'),
    channels: () => call('channels'),
    history: (params: { readonly bucket: string; readonly channel: string }) => call('history', { params }),
    fragments: (params: { readonly bucket: string; readonly channel: string }, query: FragmentQuery) =>
      call('fragments', { params, query: { ...query } }),
    vod: (
      params: { readonly bucket: string; readonly channel: string },
      body: { readonly from: number; readonly to: number; readonly playlistName: string },
    ) => call('vod', { params, body }),
    sign: (body: ChannelAddress & { readonly expiresSec: number }) => call('sign', { body }),
    streams: () => call('streams'),
    recordings: (query: { readonly app: string; readonly stream: string }) => call('recordings', { query }),
    rooms: () => call('rooms'),
    roomAddress: (body: NewUser) => call('roomAddress', { body }),
    removeParticipant: (params: RoomAddress & { readonly userId: string }) =>
      call('removeParticipant', { params: { ...params } }),
    viewers: () => call('viewers'),
    removeViewer: (id: string) => call('removeViewer', { params: { id } }),
    callbacks: () => call('callbacks'),
    retryCallback: (id: string) => call('retryCallback', { params: { id } }),
    publish: (body: PublishRequest) => call('publish', { body }),
    publishes: () => call('publishes'),
    stopPublish: (id: string) => call('stopPublish', { params: { id } }),
    clock: () => call('clock'),
    freezeClock: () => call('freezeClock'),
    resumeClock: () => call('resumeClock'),
    setClock: (toMs: number) => call('setClock', { body: { to: toMs } }),
    advanceClock: (ms: number) => call('advanceClock', { body: { ms } }),
    resetClock: () => call('resetClock'),
    faults: () => call('faults'),
    addFault: (rule: FaultRule) => call('addFault', { body: rule }),
    removeFault: (id: string) => call('removeFault', { params: { id } }),
    clearFaults: () => call('clearFaults'),
    eventStreamUrl: (afterId: number) => `${base}/events/stream?after=${afterId}`,
  };
}

async function exchange(url: string, request: RequestInit): Promise<{ readonly ok: boolean; readonly text: string }> {
  try {
    const response = await fetch(url, request);
    return { ok: response.ok, text: await response.text() };
  } catch {
    // `fetch` does not tell why.
    throw new CallFailed('The emulator does not answer.');
  }
}

function fill(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)/g, (_match, name: string) => encodeURIComponent(params[name] ?? ''));
}

function queryText(query: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return given.length === 0 ? '' : `?${given.join('&')}`;
}
