import RPCClient from '@alicloud/pop-core';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import type { FaultRule } from '../../src/control-plane/faults/fault-rule.ts';
import { KEY, signedQuery } from '../live/signed-call.ts';
import { startTestEmulator } from '../support/emulator.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const BUCKETS = [{ name: 'media', acl: 'public-read' }] as const;
const LIST = { Action: 'DescribeLiveStreamsOnlineList', DomainName: 'example.com' };
const INDEX = { Action: 'CreateLiveStreamRecordIndexFiles', DomainName: 'example.com' };
const STATE = { Action: 'DescribeLiveStreamState', DomainName: 'example.com', AppName: 'app', StreamName: 's1' };

async function start(...rules: readonly FaultRule[]) {
  const { emulator, endpoint } = await startTestEmulator({ buckets: BUCKETS }, { clock: new ManualClock(NOW_MS) });
  for (const rule of rules) emulator.faults.add(rule);
  const send = (parameters: Readonly<Record<string, string>>, overrides: Readonly<Record<string, string>> = {}) =>
    fetch(`${endpoint}/?${signedQuery(emulator.clock.now(), parameters, overrides)}`);
  const answer = async (...call: Parameters<typeof send>) => {
    const response = await send(...call);
    const { Code, Message } = Object(await response.json());
    return { status: response.status, code: Code, message: Message };
  };
  const fired = () => emulator.events.since(0).filter(({ type }) => type === 'fault.fired');
  return { emulator, endpoint, send, answer, fired };
}

describe('a client of a live operation', () => {
  it.each([
    ['Throttling.User', 400, 'Request was denied due to user flow control.'],
    ['Throttling.Api', 400, 'Request was denied due to api flow control.'],
    ['Throttling', 400, 'Request was denied due to request throttling.'],
    [
      'Forbidden.RAM',
      403,
      "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
    ],
    ['InternalError', 500, 'The request processing has failed due to some unknown error, exception or failure.'],
    ['ServiceUnavailable', 503, 'The request has failed due to a temporary failure of the server.'],
    ['NoAuth', 403, 'No permission to operate on the AppId.'],
    ['ServerError', 500, 'Unknown error.'],
    ['MissingOssBucket', 400, 'OssBucket is mandatory for this action.'],
  ])('gets %s with the status and words that belong to it', async (code, status, message) => {
    const { emulator, endpoint } = await startTestEmulator();
    emulator.faults.add({ match: { operation: 'DescribeLiveRecordConfig' }, effect: { code }, count: 1 });
    const client = new RPCClient({
      accessKeyId: KEY.id,
      accessKeySecret: KEY.secret,
      endpoint,
      apiVersion: '2016-11-01',
    });
    const call = () => client.request('DescribeLiveRecordConfig', { DomainName: 'example.com' }, {});
    await expect(call()).rejects.toMatchObject({ code, data: { Code: code, Message: message } });
    const [refused] = emulator.events.since(0).filter(({ type }) => type === 'request.answered');
    expect(refused).toMatchObject({ status, refusal: { code, reason: 'fault rule fault-1' } });
    await expect(call()).resolves.toMatchObject({ LiveAppRecordList: {} });
  });
});

describe('a rule for a live operation', () => {
  it('gives any code a status and words', async () => {
    const effect = { code: 'Throttling.Stock', status: 429, message: 'Sold out.' };
    const { answer } = await start({ match: { operation: LIST.Action }, effect });
    expect(await answer(LIST)).toEqual({ status: 429, code: 'Throttling.Stock', message: 'Sold out.' });
  });

  it('finds a code where only the status is given', async () => {
    const { answer } = await start({ match: {}, effect: { status: 503 } });
    expect(await answer(LIST)).toMatchObject({ status: 503, code: 'ServiceUnavailable' });
  });

  it('strikes after the signature, and before what the operation requires', async () => {
    const { answer } = await start({ match: { operation: INDEX.Action }, effect: { code: 'Throttling.User' } });
    expect(await answer(INDEX, { Signature: 'x' })).toMatchObject({ code: 'SignatureDoesNotMatch' });
    expect(await answer(INDEX)).toMatchObject({ code: 'Throttling.User' });
    const nonce = { SignatureNonce: 'once' };
    expect(await answer(INDEX, nonce)).toMatchObject({ code: 'Throttling.User' });
    expect(await answer(INDEX, nonce)).toMatchObject({ code: 'SignatureNonceUsed' });
  });

  it('goes by application and stream of the call', async () => {
    const { answer, fired } = await start({ match: { app: 'app', stream: 's1' }, effect: { code: 'Forbidden.RAM' } });
    expect(await answer(STATE)).toMatchObject({ status: 403 });
    expect(await answer({ ...STATE, StreamName: 's2' })).toMatchObject({ status: 200 });
    expect(await answer(LIST)).toMatchObject({ status: 200 });
    expect(fired()).toMatchObject([{ operation: STATE.Action, app: 'app', stream: 's1' }]);
  });

  it('fires as often as it says', async () => {
    const rule = { match: { operation: LIST.Action }, effect: { code: 'Throttling.Api' }, skip: 1, count: 2 };
    const { answer } = await start(rule);
    const statuses: number[] = [];
    for (let call = 0; call < 5; call++) statuses.push((await answer(LIST)).status);
    expect(statuses).toEqual([200, 400, 400, 200, 200]);
  });

  it('makes it wait for the clock', async () => {
    const { emulator, send } = await start({ match: { operation: LIST.Action }, effect: { delayMs: 5_000 } });
    const striking = emulator.events.waitFor('fault.fired');
    let answered = false;
    const answer = send(LIST).then((response) => {
      answered = true;
      return response.status;
    });
    await striking;
    await emulator.clock.advance(4_999);
    expect(answered).toBe(false);
    await emulator.clock.advance(1);
    expect(await answer).toBe(200);
  });

  it('resets its connection', async () => {
    const { send } = await start({ match: { operation: LIST.Action }, effect: { reset: true }, count: 1 });
    await expect(send(LIST)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect((await send(LIST)).status).toBe(200);
  });

  it('cuts its answer, under the length of the whole', async () => {
    const { send } = await start({ match: { operation: LIST.Action }, effect: { cutBodyAfterBytes: 10 }, count: 1 });
    const cut = await send(LIST);
    const lengthBytes = Number(cut.headers.get('content-length'));
    await expect(cut.text()).rejects.toThrow();
    const whole = await send(LIST);
    expect(lengthBytes).toBe((await whole.text()).length);
  });
});

describe('a rule that names no operation', () => {
  it.each([
    [{ code: 'Throttling.User' }, { call: 'Throttling.User', object: 'NoSuchKey' }],
    [{ code: 'MetaOperationQpsLimitExceeded' }, { call: undefined, object: 'MetaOperationQpsLimitExceeded' }],
    [{ code: 'ServiceUnavailable' }, { call: 'ServiceUnavailable', object: 'ServiceUnavailable' }],
    [{ status: 403 }, { call: 'Forbidden.RAM', object: 'AccessDenied' }],
  ])('strikes whatever can be answered with its error: %j', async (effect, expected) => {
    const { answer, endpoint } = await start({ match: {}, effect });
    const object = await (await fetch(`${endpoint}/media/missing`)).text();
    const { code: call } = await answer(LIST);
    expect({ call, object: /<Code>(.*)<\/Code>/.exec(object)?.[1] }).toEqual(expected);
  });

  it('but a bucket leaves calls alone', async () => {
    const { answer } = await start({ match: { bucket: 'media' }, effect: { status: 503 } });
    expect(await answer(LIST)).toMatchObject({ status: 200 });
  });
});
