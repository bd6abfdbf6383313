import { readMediaPlaylist } from '../../../test/support/analyser/media-playlist.ts';
import { Refusal } from '../../crash/client.ts';
import type { Channel } from '../../crash/ledger.ts';
import { OBJECTS } from '../../crash/load/places.ts';
import type { Post } from './worker.ts';

/** A state that another node tells of is this old at most: leases are renewed every 3 s. */
const STATE_AGE_MS = 6_000;

/** Loads live playlists and their newest fragments. What was listed once is stored for good. */
export async function* player({ client, ledger, random }: Post): AsyncGenerator<void> {
  for (;;) {
    const channel = random.pick([...ledger.channels.values()]);
    await load(channel);
    yield;
  }

  async function load({ name, loads, told }: Channel): Promise<void> {
    const path = `/${OBJECTS}/${name}`;
    const before = loads.length;
    const reply = await client.ask('GET', `${path}/playlist.m3u8`);
    if (reply.status === 404 && told.size === 0) return;
    if (reply.status !== 200) throw new Refusal(`the playlist of ${name}`, reply);
    const { segments } = readMediaPlaylist(reply.text);
    for (const { uri } of segments) told.add(`${name}/${uri}`);
    // Another player may have loaded it meanwhile: then nobody knows which of the two is the older one.
    if (loads.length === before && reply.text !== loads.at(-1)) loads.push(reply.text);
    const last = segments.at(-1);
    if (last) await client.oss('GET', `${path}/${last.uri}`);
  }
}

/** Calls that ask for a channel, and for its recording. */
export async function* caller({ client, ledger, random, pushes, report }: Post): AsyncGenerator<void> {
  for (;;) {
    const { name, told } = random.pick([...ledger.channels.values()]);
    const path = `/${OBJECTS}/${name}`;
    const isSettled = pushes.liveForMs(name) > STATE_AGE_MS;
    const { text } = await client.oss('GET', path, { query: { live: '', comp: 'stat' } });
    const isLive = text.includes('<Status>Live<');
    if (isSettled && !isLive && pushes.liveForMs(name) > STATE_AGE_MS)
      report(`${name} is pushed, and its state is ${text}`);
    yield;
    await client.oss('GET', path, { query: { live: '', comp: 'history' } });
    yield;
    if (told.size > 0) await makeVod(path);
    yield;
  }

  async function makeVod(path: string): Promise<void> {
    const nowSec = Math.floor(Date.now() / 1000);
    const query = { vod: '', startTime: String(nowSec - 3_600), endTime: String(nowSec + 60) };
    await client.oss('POST', `${path}/vod.m3u8`, { query });
    const { text } = await client.oss('GET', `${path}/vod.m3u8`);
    const names = readMediaPlaylist(text).segments.map(({ uri }) => Number.parseInt(uri, 10));
    if (names.some((name, at) => name <= (names[at - 1] ?? 0)))
      report(`${path}/vod.m3u8 is not in order: ${names.join()}`);
  }
}
