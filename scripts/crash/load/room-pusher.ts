import { RtmpRefusedError } from '../../../src/rtmp/client.ts';
import type { Desk } from './load.ts';
import { pushMedia } from './pushing.ts';

const ROOM = { AppId: 'crash', ChannelId: 'room', UserId: 'user', DisplayName: 'user' };

/** Pushes into a room, which stores nothing but takes part in what the process does. */
export async function roomPusher({ client, gone }: Desk): Promise<never> {
  for (;;) {
    const answer = await client.live('CreateRoomRealTimeStreamAddress', ROOM);
    const url = /rtmp:\/\/[^"\s]+/.exec(JSON.stringify(answer))?.[0] ?? '';
    const { pathname, search } = new URL(url);
    try {
      await pushMedia(`rtmp://127.0.0.1:${client.port}${pathname}${search}`, 4_000, gone);
    } catch (error) {
      if (!(error instanceof RtmpRefusedError)) throw error;
    }
  }
}
