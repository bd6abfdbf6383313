/** What the calls about channels do. */
import type { ControllableClock } from '../../base/controllable-clock.ts';
import type { ReportProgress } from '../../base/progress.ts';
import type { ChannelView } from '../control/channel-views.ts';
import type { Control } from '../control/control.ts';
import { NotFound } from '../control/not-found.ts';
import type { CHANNEL_API } from './channel-api.ts';
import type { InputOf } from './route.ts';

type ChannelApi = typeof CHANNEL_API;

const DONE = { ok: true as const };
const DEFAULT_LIMIT = { history: 100, fragments: 1000 };

export interface ChannelHandlerDeps {
  readonly control: Control;
  readonly clock: ControllableClock;
}

/** @throws NotFound, OssError (the handlers) when the channel does not exist, or a rule of the service refuses the call */
export function channelHandlers({ control, clock }: ChannelHandlerDeps) {
  const { channels } = control;
  return {
    channels: async () => ({ channels: await channels.list() }),
    channel: async ({ params }: InputOf<ChannelApi['channel']>) =>
      existing(await channels.get(params.bucket, params.channel)),
    putChannel: async ({ params, query, body }: InputOf<ChannelApi['putChannel']>) => {
      const { bucket, channel } = params;
      await channels.put(bucket, channel, body, query.only);
      return existing(await channels.get(bucket, channel));
    },
    putChannelStatus: async ({ params, body }: InputOf<ChannelApi['putChannelStatus']>) => {
      await channels.putStatus(params.bucket, params.channel, body.status);
      return DONE;
    },
    deleteChannel: async ({ params }: InputOf<ChannelApi['deleteChannel']>) => {
      await channels.delete(params.bucket, params.channel);
      return DONE;
    },
    history: async ({ params, query }: InputOf<ChannelApi['history']>) => {
      const { limit = DEFAULT_LIMIT.history } = query;
      const sessions = await channels.history(params.bucket, params.channel, limit);
      const pushes = sessions.flatMap(({ id, startedMs, endedMs, remoteAddr, playlistName }) =>
        endedMs === null ? [] : [{ sessionId: id, startedMs, endedMs, remoteAddr, playlistName }],
      );
      return { pushes };
    },
    fragments: async ({ params, query }: InputOf<ChannelApi['fragments']>) => {
      const { fromMs = 0, toMs = clock.now(), limit = DEFAULT_LIMIT.fragments } = query;
      const entries = await channels.fragments(params.bucket, params.channel, fromMs, toMs);
      const fragments = entries.slice(-limit).map(({ startMs, durationMs, sessionId, sequence, discontinuity }) => ({
        name: `${startMs}.ts`,
        startMs,
        durationMs,
        sessionId,
        sequence,
        discontinuity,
      }));
      return { fragments };
    },
    vod: ({ params, body }: InputOf<ChannelApi['vod']>, report: ReportProgress) =>
      channels.vod(params.bucket, params.channel, body, report),
  };
}

function existing(channel: ChannelView | undefined): ChannelView {
  if (!channel) throw new NotFound('There is no such channel.');
  return channel;
}
