import { setTimeout as delay } from 'node:timers/promises';
import { RtmpRefusedError } from '../../../src/rtmp/client.ts';
import { type Client, Refusal } from '../client.ts';
import type { Channel } from '../ledger.ts';
import type { Desk } from './load.ts';
import { OBJECTS } from './places.ts';
import { pushMedia } from './pushing.ts';

/** How long the end of a push may take until its channel is free. */
const FREE_WITHIN_MS = 5_000;

/** Makes a channel, pushes to it, makes VOD playlists of it, switches it off and on, and sometimes deletes it. */
export async function channelPusher({ client, ledger, random, name, gone }: Desk): Promise<never> {
  const channel = ledger.channel(name);
  for (;;) {
    if (!channel.exists.settled) await make(client, channel);
    if (channel.status.settled === 'disabled') await setStatus(client, channel, 'enabled');
    await Promise.all([push(client, name, 2_000 + random.below(10_000), gone), watch(client, channel, gone)]);
    if (random.chance(0.5)) await makeVod(client, name);
    if (random.chance(0.3)) await setStatus(client, channel, 'disabled');
    if (random.chance(0.1)) await remove(client, channel);
  }
}

/** Again while the push before it is stored. A channel that is not free then is a refusal that the load reports. */
async function push(client: Client, name: string, durationMs: number, gone: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + FREE_WITHIN_MS;
  for (;;) {
    try {
      return await pushMedia(client.pushUrl(OBJECTS, name), durationMs, gone);
    } catch (error) {
      if (!(error instanceof RtmpRefusedError)) throw error;
      if (performance.now() > deadlineMs) throw new Refusal(`a push to ${name}`, { status: 403, text: error.message });
      await delay(20, undefined, { signal: gone });
    }
  }
}

/** Loads the live playlist a few times, as a player does. */
async function watch(client: Client, { name, loads, leftBehind }: Channel, gone: AbortSignal): Promise<void> {
  for (let load = 0; load < 3; load++) {
    await delay(40, undefined, { signal: gone });
    const { status, text } = await client.ask('GET', `/${OBJECTS}/${name}/playlist.m3u8`);
    if (status === 200 && text !== leftBehind && text !== loads.at(-1)) loads.push(text);
  }
}

async function make(client: Client, channel: Channel): Promise<void> {
  channel.loads.length = 0;
  channel.leftBehind = (await client.ask('GET', `/${OBJECTS}/${channel.name}/playlist.m3u8`)).text;
  channel.status.settle('enabled');
  await channel.exists.change(true, () => client.putChannel(OBJECTS, channel.name, 1));
}

function setStatus(client: Client, channel: Channel, status: 'enabled' | 'disabled'): Promise<unknown> {
  const query = { live: '', status };
  return channel.status.change(status, () => client.oss('PUT', `/${OBJECTS}/${channel.name}`, { query }));
}

/** Its text depends on what is stored: the auditor reads what it names. */
async function makeVod(client: Client, name: string): Promise<void> {
  const path = `/${OBJECTS}/${name}/vod.m3u8`;
  const nowSec = Math.floor(Date.now() / 1000);
  const query = { vod: '', startTime: String(nowSec - 3_600), endTime: String(nowSec + 60) };
  await client.oss('POST', path, { query });
}

/** Refused until the end of the last push is stored. Its objects stay, and so do those that the events told of. */
async function remove(client: Client, channel: Channel): Promise<void> {
  const deadlineMs = performance.now() + FREE_WITHIN_MS;
  for (;;) {
    try {
      await channel.exists.change(false, () =>
        client.oss('DELETE', `/${OBJECTS}/${channel.name}`, { query: { live: '' } }),
      );
      return;
    } catch (error) {
      if (!(error instanceof Refusal && error.status === 409) || performance.now() > deadlineMs) throw error;
    }
  }
}
