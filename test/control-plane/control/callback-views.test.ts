import { expect, it } from 'vitest';
import { viewCallback } from '../../../src/control-plane/control/callback-views.ts';

const SIGNATURE = '0123456789abcdef0123456789abcdef';

it('shows neither the signature of a callback nor a receiver that answers with it', () => {
  const url = `http://receiver.test/?auth_key=1-0-0-${SIGNATURE}&action=publish`;
  const view = viewCallback({
    id: '1',
    action: 'publish',
    subject: { domain: 'live.test', app: 'app', stream: 's' },
    url,
    headers: { 'ALI-LIVE-TIMESTAMP': '1', 'ALI-LIVE-SIGNATURE': SIGNATURE },
    body: undefined,
    delivered: false,
    attempts: 5,
    response: `500 nobody expects GET ${url} ALI-LIVE-SIGNATURE: ${SIGNATURE}`,
    endedMs: 0,
  });
  expect(JSON.stringify(view)).not.toContain(SIGNATURE);
  expect(view).toMatchObject({
    headers: { 'ALI-LIVE-TIMESTAMP': '1' },
    response: expect.stringContaining('500 nobody expects GET http'),
  });
});
