/** Drives an emulator that was started from a package, an image or an archive, through its command and over HTTP. */
import { expect } from 'vitest';
import type { Ended } from './nodes.ts';

/** Runs the command of what is driven, to its end. */
export type RunCommand = (...args: readonly string[]) => Promise<Ended>;

/** Puts an object, pushes to a channel with the command and from the page's call, seeds an hour, and looks at the page. */
export async function driveEverything(url: string, run: RunCommand): Promise<void> {
  await putAndPush(url, run);
  await publishAsThePage(url);
  await seedAnHour(url);
  await loadThePage(url);
}

/** The bucket has to be public for writing. */
export async function putAndPush(url: string, run: RunCommand): Promise<void> {
  const object = `${url}/examplebucket/a%20key`;
  expect((await fetch(object, { method: 'PUT', body: 'bytes' })).status).toBe(200);
  expect(await (await fetch(object)).text()).toBe('bytes');
  expect(await run('publish', '--channel', 'test-channel', '--url', url, '--speed', 'max')).toMatchObject({
    code: 0,
    err: '',
  });
  expect(await fragmentsOf(`${url}/examplebucket/test-channel/playlist.m3u8`)).not.toEqual([]);
}

async function fragmentsOf(playlist: string): Promise<readonly string[]> {
  const text = await (await fetch(playlist)).text();
  return text.split('\n').filter((line) => line.endsWith('.ts'));
}

/** The clip that comes with the package has to be there. */
async function publishAsThePage(url: string): Promise<void> {
  const begun = await call(`${url}/_emulator/publish`, { channel: 'from-the-page', speed: 'max' });
  expect(begun).toMatchObject({ status: 202, body: { state: expect.stringMatching(/running|ended/), detail: null } });
  const query = 'type=publish.ended&channel=from-the-page&waitMs=60000';
  const { events } = Object(await (await fetch(`${url}/_emulator/events?${query}`)).json());
  expect(events).toHaveLength(1);
  expect(await fragmentsOf(`${url}/examplebucket/from-the-page/playlist.m3u8`)).not.toEqual([]);
}

async function seedAnHour(url: string): Promise<void> {
  const channels = [{ name: 'seeded', recordings: [{ from: '-1h', to: '-1m' }] }];
  const seeded = await call(`${url}/_emulator/seed`, {
    buckets: [{ name: 'seeded-bucket', acl: 'public-read', channels }],
  });
  expect(seeded.status).toBe(200);
  const fragments = await fragmentsOf(`${url}/seeded-bucket/seeded/playlist.m3u8`);
  expect(fragments).not.toEqual([]);
  expect((await fetch(new URL(fragments[0] ?? '', `${url}/seeded-bucket/seeded/playlist.m3u8`))).status).toBe(200);
}

/** With what it loads at first. */
async function loadThePage(url: string): Promise<void> {
  const page = await fetch(`${url}/_emulator/`);
  const html = await page.text();
  const files = [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThanOrEqual(2);
  for (const file of files) expect((await fetch(new URL(file, page.url))).status, file).toBe(200);
}

async function call(url: string, body: object): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}
