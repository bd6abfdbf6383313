import { readMediaPlaylist } from '../../../test/support/analyser/media-playlist.ts';
import { recordingProblems, reloadProblems } from '../../../test/support/analyser/playlist-problems.ts';
import type { Client } from '../client.ts';
import type { Channel, Ledger } from '../ledger.ts';
import { OBJECTS } from '../load/places.ts';

/** Of a recording that is looked at: PostVodPlaylist takes no more than a day. */
const HALF_DAY_SEC = 43_200;

/**
 * Whether every channel is as acknowledged, free, and with all that was recorded of it.
 * @param sinceSec of the media that is looked at
 */
export async function channelViolations(
  client: Client,
  { channels }: Ledger,
  sinceSec = Math.floor(Date.now() / 1000) - HALF_DAY_SEC,
): Promise<string[]> {
  const violations: string[] = [];
  for (const channel of channels.values()) {
    const found = await oneChannel(client, channel, sinceSec);
    violations.push(...found.map((violation) => `channel ${channel.name}: ${violation}`));
  }
  return violations;
}

async function oneChannel(client: Client, channel: Channel, sinceSec: number): Promise<string[]> {
  const violations: string[] = [];
  const { name, exists, status, told } = channel;
  const path = `/${OBJECTS}/${name}`;
  for (const key of told) {
    const { status: answered } = await client.ask('HEAD', `/${OBJECTS}/${key}`);
    if (answered !== 200) violations.push(`${key}, which an event told of, answers ${answered}`);
  }
  const info = await client.ask('GET', path, { query: { live: '' } });
  const isThere = info.status === 200;
  if (!exists.allowed.includes(isThere)) violations.push(isThere ? 'is there again' : 'is gone');
  exists.settle(isThere);
  if (!isThere) return violations;

  const found = /<Status>(\w+)</.exec(info.text)?.[1];
  const known = status.allowed.find((allowed) => allowed === found);
  if (known === undefined) violations.push(`is ${found}, but was acknowledged as ${status.settled}`);
  status.settle(known ?? 'enabled');
  const stat = await client.oss('GET', path, { query: { live: '', comp: 'stat' } });
  const state = /<Status>(\w+)</.exec(stat.text)?.[1];
  if (state === 'Live') violations.push('is not free after the restart');
  violations.push(...(await historyViolations(client, path)));
  violations.push(...(await playlistViolations(client, path, channel, sinceSec)));
  return violations;
}

async function historyViolations(client: Client, path: string): Promise<string[]> {
  const { text } = await client.oss('GET', path, { query: { live: '', comp: 'history' } });
  return [...text.matchAll(/<StartTime>(.*?)<[\s\S]*?<EndTime>(.*?)</g)]
    .filter(([, start = '', end = '']) => !(Date.parse(end) >= Date.parse(start)))
    .map(([, start, end]) => `a push in the history begins ${start} and ends ${end}`);
}

/** The live playlist against its earlier loads and against the index; the media of everything, and of the last VOD playlist. */
async function playlistViolations(
  client: Client,
  path: string,
  { loads, leftBehind }: Channel,
  sinceSec: number,
): Promise<string[]> {
  const violations: string[] = [];
  const answer = await client.control('GET', `/channels${path}/fragments`);
  const index = Array.isArray(answer.fragments) ? answer.fragments : [];
  const live = await client.ask('GET', `${path}/playlist.m3u8`);
  if (live.status === 200 && live.text !== leftBehind) loads.push(live.text);
  violations.push(...reloadProblems(loads.map(readMediaPlaylist)));
  loads.splice(0, loads.length - 1);
  const listed = live.status === 200 ? readMediaPlaylist(live.text).segments.map(({ uri }) => uri) : [];
  const newest = index.slice(-listed.length).map(({ name }) => String(name));
  if (index.length > 0 && (listed.length === 0 || listed.join() !== newest.join())) {
    violations.push(`the live playlist names ${listed.join()}, the newest fragments are ${newest.join()}`);
  }
  const range = index.filter(({ startMs }) => Number(startMs) >= sinceSec * 1000);
  if (range.length === 0) return violations;

  const query = { vod: '', startTime: String(sinceSec), endTime: String(Math.floor(Date.now() / 1000) + 60) };
  await client.oss('POST', `${path}/audit.m3u8`, { query });
  const whole = await client.oss('GET', `${path}/audit.m3u8`);
  const named = readMediaPlaylist(whole.text).segments.map(({ uri }) => uri);
  if (named.join() !== range.map(({ name }) => name).join()) violations.push('the VOD playlist is not the index');
  for (const { text } of [whole, await client.ask('GET', `${path}/vod.m3u8`)]) {
    if (!text.startsWith('#EXTM3U')) continue;
    violations.push(
      ...(await recordingProblems(readMediaPlaylist(text), (uri) => fetchBytes(client, `${path}/${uri}`))),
    );
  }
  return violations;
}

/** @throws Refusal when the fragment is not there */
async function fetchBytes(client: Client, path: string): Promise<Buffer> {
  return (await client.oss('GET', path)).body;
}
