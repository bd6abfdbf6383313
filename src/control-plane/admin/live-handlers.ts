/** What the calls about ApsaraVideo Live do. */

import type { Viewer } from '../../watch/viewers.ts';
import type { LiveControl } from '../control/live-control.ts';
import { NotFound } from '../control/not-found.ts';
import type { LIVE_API } from './live-api.ts';
import type { InputOf } from './route.ts';

type LiveApi = typeof LIVE_API;

const DONE = { ok: true as const };
const DEFAULT_LIMIT = { streams: 100, recordings: 50, callbacks: 100 };

/** @throws NotFound (the handlers) when the thing that a call names does not exist */
export function liveHandlers(live: LiveControl) {
  return {
    streams: async ({ query }: InputOf<LiveApi['streams']>) => ({
      streams: await live.streams(query.limit ?? DEFAULT_LIMIT.streams),
    }),
    recordings: ({ query }: InputOf<LiveApi['recordings']>) =>
      live.recordings({ limit: DEFAULT_LIMIT.recordings, ...query }),
    recordConfigs: async () => ({ configs: await live.recordConfigs() }),
    runOperation: ({ params, body }: InputOf<LiveApi['runOperation']>) => live.run(params.operation, body),
    rooms: async () => ({ rooms: await live.roomsAnywhere() }),
    roomAddress: ({ body }: InputOf<LiveApi['roomAddress']>) => live.roomAddress(body),
    removeParticipant: async ({ params }: InputOf<LiveApi['removeParticipant']>) => {
      const { appId, channelId, userId } = params;
      if (await live.removeParticipant(appId, channelId, userId)) return DONE;
      throw new NotFound(`There is no user "${userId}" in the room ${appId}/${channelId}.`);
    },
    viewers: () => ({ viewers: live.viewers().map(viewViewer) }),
    removeViewer: ({ params }: InputOf<LiveApi['removeViewer']>) => {
      if (live.removeViewer(params.id)) return DONE;
      throw new NotFound(`There is no viewer "${params.id}".`);
    },
    callbacks: ({ query }: InputOf<LiveApi['callbacks']>) => live.callbacks(query.limit ?? DEFAULT_LIMIT.callbacks),
    retryCallback: ({ params }: InputOf<LiveApi['retryCallback']>) => {
      if (live.retryCallback(params.id)) return DONE;
      throw new NotFound(`There is no callback "${params.id}".`);
    },
  };
}

function viewViewer({ id, protocol, subject, name, remoteAddr, joinedMs }: Viewer) {
  return { id, protocol, watches: subject, name: name ?? null, remoteAddr, joinedMs };
}
