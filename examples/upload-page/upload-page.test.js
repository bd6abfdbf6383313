import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import OSS from 'ali-oss';
import { startEmulator } from 'oss-livechannel-emulator';
import { chromium } from 'playwright-core';
import { fragmentsBetween, keepFragments } from './recordings.js';
import { startServer } from './server.js';

const DAY_MS = 24 * 3_600_000;
const PICTURE = { name: 'door.png', mimeType: 'image/png', buffer: Buffer.from('a picture') };

let emulator;
let client;
let server;
let browser;

before(async () => {
  // Without the variable it is the browser of `npx playwright-core install chromium`.
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH });
  emulator = await startEmulator();
  client = new OSS(emulator.aliOssOptions);
  server = await startServer({
    client,
    bucketUrl: `${emulator.endpoint}/${emulator.bucket}`,
    keyOrigins: [`${emulator.endpoint}/_emulator/`],
  });
});

beforeEach(() => emulator.reset());

after(async () => {
  await browser?.close();
  await server?.stop();
  await emulator?.stop();
});

async function openPage() {
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.setInputFiles('input[type=file]', PICTURE);
  return page;
}

/** Sends the form as a visitor does, and resolves to the answer that the visitor sees. */
async function send(page) {
  const [answer] = await Promise.all([page.waitForResponse(/examplebucket/), page.click('button')]);
  return { status: answer.status(), text: await answer.text() };
}

test('a picture goes to the bucket, and the server is told', async () => {
  const page = await openPage();
  assert.deepEqual(await send(page), { status: 200, text: '{"stored":"pictures/door.png"}' });
  assert.deepEqual(server.uploads, [{ key: 'pictures/door.png', size: 9, type: 'image/png' }]);
  const { content } = await client.get('pictures/door.png');
  assert.equal(content.toString(), 'a picture');
  await page.goto(server.url);
  assert.equal(await page.textContent('li'), 'pictures/door.png (9 bytes)');
});

test('a form that was open for too long is refused', async () => {
  const page = await openPage();
  await emulator.clock.advance(11 * 60_000);
  const { status, text } = await send(page);
  assert.equal(status, 403);
  assert.match(text, /Policy expired/);
});

test('a callback that OSS did not sign is refused', async () => {
  const { status } = await fetch(`${server.url}/uploaded`, { method: 'POST', body: '{"key":"pictures/none.png"}' });
  assert.equal(status, 403);
});

test('after a week a recording is gone, and pictures stay', async () => {
  const evening = new Date('2030-01-01T20:00:00Z');
  const morning = new Date('2030-01-02T06:00:00Z');
  const recorded = () => fragmentsBetween(client, 'cam', evening, new Date('2030-01-02T07:00:00Z'));
  for (const time of [evening, morning]) {
    await emulator.clock.set(time.getTime());
    const push = await emulator.publish({ channel: 'cam', durationSec: 20, speed: 'max' });
    await push.done;
  }
  await client.put('pictures/door.png', PICTURE.buffer);
  const both = await recorded();

  await keepFragments(client, 'cam', 7);
  // Days are counted from the next midnight: what was recorded on January 1 goes on January 9.
  await emulator.clock.advance(7 * DAY_MS);
  await emulator.runLifecycle();
  const secondOnly = await recorded();
  assert.ok(secondOnly.length > 0);
  assert.deepEqual(both.slice(-secondOnly.length), secondOnly);
  assert.equal(both.length, 2 * secondOnly.length);

  await emulator.clock.advance(DAY_MS);
  await emulator.runLifecycle();
  await assert.rejects(recorded(), { code: 'InvalidArgument' });
  await client.head('pictures/door.png');
});
