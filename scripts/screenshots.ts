/** Takes the pictures of docs/console.md from the page of a running emulator. */
import { createHmac } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { Emulator } from '../src/emulator/emulator.ts';
import { RtmpPublisher } from '../src/rtmp/client.ts';
import { buildConsole } from './build-console.ts';
import { readOptions } from './support/command-line.ts';

readOptions(import.meta.url, {});

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));
const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const CHANNEL = 'front-door';

/** After this time there are some fragments, and the charts have lines. */
const STREAM_SEC = 45;

async function main(): Promise<void> {
  await buildConsole();
  await mkdir(IMAGES, { recursive: true });
  const emulator = new Emulator({
    memory: true,
    host: 'localhost',
    port: 0,
    rtmpPort: undefined,
    webrtcPort: 0,
    channels: [],
    liveRecordBucket: 'recordings',
  });
  const { port } = await emulator.start();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  try {
    await takePictures(browser, emulator, port);
  } finally {
    await browser.close();
    await emulator.stop();
  }
}

async function takePictures(browser: Browser, emulator: Emulator, port: number): Promise<void> {
  const page = await browser.newPage({
    viewport: { width: 1360, height: 960 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  const base = `http://localhost:${port}/_emulator`;
  await prepare(base, port);
  await page.goto(`${base}/#/channels/examplebucket/${CHANNEL}`);
  let storedSec = 0;
  while (storedSec < STREAM_SEC) storedSec += (await emulator.events.waitFor('fragment.stored')).durationMs / 1000;
  await selectRange(page);
  await shoot(page, 'channel-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shoot(page, 'channel-dark');
  await page.emulateMedia({ colorScheme: 'light' });

  await page.goto(`${base}/#/log`);
  await page.getByRole('button', { name: 'Push refused' }).click();
  await shoot(page, 'refused-push');
  await takeBucketPicture(page, base);
  await page.goto(`${base}/#/data`);
  await page.getByRole('button', { name: 'Objects' }).click();
  await page.getByRole('cell', { name: 'archive' }).waitFor();
  await shoot(page, 'data');
  await page.goto(`${base}/#/faults`);
  await page.getByRole('button', { name: 'Slow playback' }).click();
  await shoot(page, 'faults');
  await page.getByRole('button', { name: /^Clock of the emulator/ }).click();
  await page.getByRole('button', { name: 'Freeze' }).click();
  const clock = page.getByRole('dialog', { name: 'Clock' });
  await clock.getByRole('button', { name: 'Resume' }).waitFor();
  await clock.screenshot({ path: join(IMAGES, 'clock.png') });
  // The publisher runs by that clock, so it must run again.
  await clock.getByRole('button', { name: 'Resume' }).click();
  await page.mouse.click(5, 900);
  await takeLivePictures(page, emulator, base, port);
}

/** The recordings of a channel as objects, one of which plays. */
async function takeBucketPicture(page: Page, base: string): Promise<void> {
  await call(`${base}/channels/examplebucket/${CHANNEL}/vod`, { from: '-50m', to: '-35m' });
  const object = encodeURIComponent(`${CHANNEL}/vod.m3u8`);
  await page.goto(`${base}/#/buckets/examplebucket?folder=${CHANNEL}%2F&object=${object}`);
  await page.getByRole('button', { name: 'Play' }).click();
  await page.getByText(/\d\d frames shown/).waitFor();
  await shoot(page, 'bucket');
}

/** A recorded stream, and a room with two users. */
async function takeLivePictures(page: Page, emulator: Emulator, base: string, port: number): Promise<void> {
  const { live, publishes } = emulator.control;
  await publishes.start({ url: `rtmp://localhost:${port}/app/${CHANNEL}`, durationSec: 600 });
  await page.goto(`${base}/#/streams/app/${CHANNEL}`);
  const isOurs = ({ stream }: { readonly stream: string }) => stream === CHANNEL;
  for (let slices = 0; slices < 3; slices++) await emulator.events.waitFor('live.slice-stored', isOurs);
  await shoot(page, 'stream');
  for (const [userId, displayName] of [
    ['alice', 'Alice'],
    ['bob', 'Bob'],
  ] as const) {
    const { rtmpAddress } = live.roomAddress({ appId: 'school', channelId: 'lesson', userId, displayName });
    await publishes.start({ url: rtmpAddress, durationSec: 600 });
  }
  await page.goto(`${base}/#/rooms/school/lesson`);
  await page.getByLabel('UserId').fill('carol');
  await page.getByRole('button', { name: 'Make the address' }).click();
  await page
    .getByText(/\d\d frames shown/)
    .nth(1)
    .waitFor();
  await shoot(page, 'room');
}

/** Seeds channels and recordings, refuses a push, sets a fault rule and begins a push. */
async function prepare(base: string, port: number): Promise<void> {
  const recordings = [{ from: '-50m', to: '-35m' }];
  const channels = [{ name: CHANNEL, description: 'Front door', recordings }, { name: 'garage' }];
  const archive = { name: 'archive', acl: 'private', channels: [{ name: 'loading-dock', enabled: false }] };
  await call(`${base}/seed`, { buckets: [{ name: 'examplebucket', channels }, archive] });
  await RtmpPublisher.publish(wronglySignedUrl(port)).catch(() => {}); // the push must be refused
  await call(`${base}/faults`, {
    match: { operation: 'PutLiveChannel' },
    effect: { code: 'InternalError' },
    count: 1,
  });
  await call(`${base}/publish`, { channel: CHANNEL, durationSec: 600 });
}

async function call(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
}

/** Signed with a usual mistake: "live" is taken as a part of the resource. */
function wronglySignedUrl(port: number): string {
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const text = `${expires}\nplaylistName:playlist.m3u8\n/examplebucket/live/${CHANNEL}`;
  const signature = encodeURIComponent(createHmac('sha1', 'emulator-secret').update(text).digest('base64'));
  const query = `OSSAccessKeyId=emulator-ak&Expires=${expires}&Signature=${signature}&playlistName=playlist.m3u8`;
  return `rtmp://localhost:${port}/examplebucket/live/${CHANNEL}?${query}`;
}

/** Drags over the middle half of the timeline with the mouse. */
async function selectRange(page: Page): Promise<void> {
  const spans = page.locator('.timeline-spans span');
  const first = await spans.first().boundingBox();
  const last = await spans.last().boundingBox();
  if (!first || !last) throw new Error('nothing on the timeline');
  const y = first.y + first.height / 2;
  const lengthPx = last.x + last.width - first.x;
  await page.mouse.move(first.x + lengthPx * 0.25, y);
  await page.mouse.down();
  await page.mouse.move(first.x + lengthPx * 0.75, y, { steps: 4 });
  await page.mouse.up();
  await page.mouse.move(0, 0);
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
  console.log(`docs/images/${name}.png`);
}

await main();
