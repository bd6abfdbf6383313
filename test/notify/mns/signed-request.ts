import { contentMd5, hmacSignature } from '../../../src/notify/mns/signature.ts';

interface MnsAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends a request for which the Node SDK has no method, signed as the SDK signs. */
export function signedRequest(endpoint: string, secret = 'emulator-secret') {
  return async (method: string, target: string, document = ''): Promise<MnsAnswer> => {
    const body = Buffer.from(document);
    const headers = {
      'content-md5': contentMd5(body),
      'content-type': 'text/xml',
      date: new Date().toUTCString(),
      'x-mns-version': '2015-06-06',
    };
    const authorization = `MNS emulator-ak:${hmacSignature({ method, target, headers }, secret)}`;
    const response = await fetch(`${endpoint}${target}`, {
      method,
      headers: { ...headers, authorization },
      ...(document !== '' && { body: document }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

export function subscription(endpoint: string, more = ''): string {
  return `<Subscription xmlns="http://mns.aliyuncs.com/doc/v1/"><Endpoint>${endpoint}</Endpoint>${more}</Subscription>`;
}

/** Makes the topic and subscribes an endpoint to it. */
export async function subscribe(endpoint: string, topic: string, subscriber: string, format = 'XML'): Promise<void> {
  const request = signedRequest(endpoint);
  const document = subscription(subscriber, `<NotifyContentFormat>${format}</NotifyContentFormat>`);
  for (const [target, body] of [
    [`/topics/${topic}`, ''],
    [`/topics/${topic}/subscriptions/s`, document],
  ] as const) {
    const { status, text } = await request('PUT', target, body);
    if (status !== 201) throw new Error(text);
  }
}
