import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { createSend } from '../../src/console/send.ts';
import { MARK_HEADER } from '../../src/control-plane/admin/answer-mark.ts';
import { listenDuringTest } from '../support/listen.ts';

it('the token is in every request, and the page is loaded anew when it was good and is refused', async () => {
  const seen: unknown[] = [];
  const statuses = [403, 200, 404, 403];
  const server = createServer((request, response) => {
    seen.push([request.headers['x-emulator-token'], request.headers['last-event-id']]);
    response.writeHead(statuses.shift() ?? 500, { [MARK_HEADER]: 'oss-livechannel' }).end();
  });
  const url = `http://127.0.0.1:${await listenDuringTest(server)}/`;
  let reloads = 0;
  const send = createSend('the-token', () => {
    reloads += 1;
  });
  const reloadsAfter: number[] = [];
  for (const headers of [{}, { 'last-event-id': '7' }, {}, {}]) {
    await send(url, { headers });
    reloadsAfter.push(reloads);
  }
  expect(seen).toEqual([
    ['the-token', undefined],
    ['the-token', '7'],
    ['the-token', undefined],
    ['the-token', undefined],
  ]);
  expect(reloadsAfter).toEqual([0, 0, 0, 1]);
});

it('what a proxy answers says nothing of the token', async () => {
  const statuses = [200, 403];
  const server = createServer((_request, response) => void response.writeHead(statuses.shift() ?? 500).end());
  const url = `http://127.0.0.1:${await listenDuringTest(server)}/`;
  let reloads = 0;
  const send = createSend('the-token', () => {
    reloads += 1;
  });
  expect([(await send(url)).status, (await send(url)).status]).toEqual([200, 403]);
  expect(reloads).toBe(0);
});
