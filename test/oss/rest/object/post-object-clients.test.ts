/** Forms as programs make them: fields by the Node SDK, posted by fetch and by a browser. */
import OSS from 'ali-oss';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../../../../scripts/support/chromium.ts';
import { CHROMIUM } from '../../../console/support/browser.ts';
import { startTestEmulator, type TestEmulator } from '../../../support/emulator.ts';
import { receiveHttp } from '../../../support/http-receiver.ts';
import { describeWith } from '../../../support/tools.ts';

/** What the published types leave out. */
interface PostSigner {
  signPostObjectPolicyV4(policy: object, date: Date): string;
}

const HOUR_MS = 60 * 60 * 1000;

const policyOf = (...conditions: readonly unknown[]) => ({
  expiration: new Date(Date.now() + HOUR_MS).toISOString(),
  conditions: [{ bucket: 'examplebucket' }, ['content-length-range', 1, 1000], ...conditions],
});

function v1Fields({ client }: TestEmulator, policy: object): Record<string, string> {
  return { ...client.calculatePostSignature(policy) };
}

function v4Fields(policy: { conditions: readonly unknown[] }): Record<string, string> {
  const signer = new OSS({
    accessKeyId: 'emulator-ak',
    accessKeySecret: 'emulator-secret',
    region: 'oss-cn-hangzhou',
    bucket: 'examplebucket',
    authorizationV4: true,
  } as OSS.Options) as unknown as PostSigner;
  const date = new Date();
  const stamp = `${date.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`;
  const credential = `emulator-ak/${stamp.slice(0, 8)}/cn-hangzhou/oss/aliyun_v4_request`;
  const fields = {
    'x-oss-signature-version': 'OSS4-HMAC-SHA256',
    'x-oss-credential': credential,
    'x-oss-date': stamp,
  };
  const conditions = [...policy.conditions, ...Object.entries(fields).map(([name, value]) => ({ [name]: value }))];
  const signed = { ...policy, conditions };
  return {
    ...fields,
    policy: Buffer.from(JSON.stringify(signed)).toString('base64'),
    'x-oss-signature': signer.signPostObjectPolicyV4(signed, date),
  };
}

async function post(endpoint: string, fields: Readonly<Record<string, string>>): Promise<number> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob(['hello'], { type: 'text/plain' }), 'a.txt');
  return (await fetch(`${endpoint}/examplebucket`, { method: 'POST', body: form })).status;
}

describe('a form with the signature of the Node SDK', () => {
  const conditions = [
    ['eq', '$success_action_status', '200'],
    ['starts-with', '$key', 'postObject/'],
    ['in', '$content-type', ['image/jpg', 'image/png']],
    ['not-in', '$cache-control', ['no-cache']],
  ];
  const fields = {
    key: 'postObject/a.png',
    'Content-Type': 'image/png',
    'Cache-Control': 'no-store',
    success_action_status: '200',
  };

  it.each(['V1', 'V4'])('of %s is accepted, and refused when a field is not as signed', async (version) => {
    const emulator = await startTestEmulator();
    const policy = policyOf(...conditions);
    const signed = version === 'V1' ? v1Fields(emulator, policy) : v4Fields(policy);
    expect(await post(emulator.endpoint, { ...signed, ...fields })).toBe(200);
    const { res } = await emulator.client.head('postObject/a.png');
    expect(res.headers).toMatchObject({ 'content-type': 'image/png', 'cache-control': 'no-store' });
    expect(await post(emulator.endpoint, { ...signed, ...fields, key: 'other' })).toBe(403);
    expect(await post(emulator.endpoint, { ...signed, ...fields, 'Cache-Control': 'no-cache' })).toBe(403);
  });
});

describeWith([CHROMIUM], 'a page in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  it('uploads by a form, is called back about it, and reads the answer as the CORS rules allow', async () => {
    const emulator = await startTestEmulator();
    const app = await receiveHttp((response) => response.end());
    const receiver = await receiveHttp((response) => response.end('{"Status":"OK"}'));
    await emulator.client.putBucketCORS('examplebucket', [{ allowedOrigin: app.url, allowedMethod: 'POST' }]);
    const settings = { callbackUrl: receiver.url, callbackBody: `name=\${object}&size=\${size}&id=\${x:id}` };
    const callback = Buffer.from(JSON.stringify(settings)).toString('base64');
    const fields = { ...v1Fields(emulator, policyOf({ callback })), key: `up/\${filename}`, callback, 'x:id': '7' };
    const page = await browser.newPage();
    await page.goto(app.url);
    const text = await page.evaluate(
      async ([url, entries]) => {
        const form = new FormData();
        for (const [name, value] of entries) form.append(name, value);
        form.append('file', new File(['hello'], '图 1.txt', { type: 'text/plain' }));
        const response = await fetch(url, { method: 'POST', body: form });
        return `${response.status} ${await response.text()}`;
      },
      [`${emulator.endpoint}/examplebucket`, Object.entries(fields)] as const,
    );
    await page.close();
    expect(text).toBe('200 {"Status":"OK"}');
    expect(receiver.received[0]?.body).toBe(`name=${encodeURIComponent('up/图 1.txt')}&size=5&id=7`);
    expect((await emulator.client.get('up/图 1.txt')).content.toString()).toBe('hello');
  });

  it('goes on to where the form says', async () => {
    const emulator = await startTestEmulator();
    const app = await receiveHttp((response) => response.end('done'));
    const fields = { ...v1Fields(emulator, policyOf()), key: 'k', success_action_redirect: `${app.url}/done` };
    const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
    const page = await browser.newPage();
    await page.setContent(
      `<form method="post" enctype="multipart/form-data" action="${emulator.endpoint}/examplebucket">${inputs.join('')}<input type="file" name="file"><button name="submit" value="go">Go</button></form>`,
    );
    await page.setInputFiles('input[type=file]', {
      name: 'a.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('hello'),
    });
    await page.click('button');
    await page.waitForURL(`${app.url}/done`);
    await page.close();
    expect((await emulator.client.get('k')).content.toString()).toBe('hello');
  });
});
