import { describe, expect, it } from 'vitest';
import { element, GUEST, type RestServer, refusal, startRestServer } from '../rest-server.ts';

const PAYS = { 'x-oss-request-payer': 'requester' };

async function putPayer({ send }: RestServer, payer: string) {
  const body = `<RequestPaymentConfiguration><Payer>${payer}</Payer></RequestPaymentConfiguration>`;
  return send('PUT', '/examplebucket?requestPayment', { body });
}

async function start() {
  const server = await startRestServer({ buckets: { examplebucket: 'public-read' } });
  await server.objects.put('examplebucket', 'key', Buffer.from('hello'));
  return server;
}

describe('who pays', () => {
  it('is the owner of the bucket at first, and who was set', async () => {
    const server = await start();
    const payer = async () => element(await server.send('GET', '/examplebucket?requestPayment'), 'Payer');
    expect(await payer()).toBe('BucketOwner');
    for (const next of ['Requester', 'BucketOwner']) {
      expect((await putPayer(server, next)).status).toBe(200);
      expect(await payer()).toBe(next);
    }
  });

  it.each(['requester', '', 'Nobody'])('cannot be "%s"', async (payer) => {
    const server = await start();
    expect(refusal(await putPayer(server, payer))).toMatchObject({ status: 400, code: 'MalformedXML' });
  });
});

describe('in a bucket where the requester pays', () => {
  it('another account says that it pays, in a header or in the query', async () => {
    const server = await start();
    await putPayer(server, 'Requester');
    const get = (query = '', headers = {}) => server.send('GET', `/examplebucket/key${query}`, { key: GUEST, headers });
    expect(refusal(await get())).toEqual({ status: 403, code: 'AccessDenied', ec: '0003-00000702' });
    expect(refusal(await get('', { 'x-oss-request-payer': 'owner' })).ec).toBe('0003-00000702');
    expect((await get('', PAYS)).text).toBe('hello');
    expect((await get('?x-oss-request-payer=requester')).text).toBe('hello');
  });

  it('paying gives no right', async () => {
    const server = await start();
    await putPayer(server, 'Requester');
    const put = await server.send('PUT', '/examplebucket/key', { key: GUEST, headers: PAYS, body: 'x' });
    expect(refusal(put)).toEqual({ status: 403, code: 'AccessDenied', ec: '0003-00000001' });
  });

  it('nobody is anonymous', async () => {
    const server = await start();
    expect((await server.send('GET', '/examplebucket/key', { key: null })).text).toBe('hello');
    await putPayer(server, 'Requester');
    const get = await server.send('GET', '/examplebucket/key', { key: null, headers: PAYS });
    expect(refusal(get)).toEqual({ status: 403, code: 'AccessDenied', ec: '0003-00000701' });
  });

  it('its owner says nothing', async () => {
    const server = await start();
    await putPayer(server, 'Requester');
    expect((await server.send('GET', '/examplebucket/key')).text).toBe('hello');
  });
});
