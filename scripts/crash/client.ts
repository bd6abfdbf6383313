/** The clients of the load and of the auditor: signed requests to OSS (V1), to ApsaraVideo Live and MNS, over connections that are kept. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

const KEY_ID = 'emulator-ak';
const SECRET = 'emulator-secret';
/** Longer than any answer takes, also on a machine with other work. */
const TIMEOUT_MS = 30_000;
/** The sub-resources that are signed; others of the query are not. */
const SUB_RESOURCES = new Set(
  'acl append comp delete lifecycle live partNumber position startTime endTime status symlink tagging uploadId uploads versionId versioning versions vod'.split(
    ' ',
  ),
);

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface OssCall {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** A request that was answered, but not with what the load expects. */
export class Refusal extends Error {
  readonly status: number;

  constructor(what: string, { status, text }: Pick<Reply, 'status' | 'text'>) {
    super(`${what}: ${status} ${text.slice(0, 300)}`);
    this.status = status;
  }
}

/** Of a connection that broke, whoever noticed it. */
export function isConnectionLost(error: unknown): boolean {
  return (
    error instanceof Error &&
    (/ECONN|EPIPE|socket hang up|aborted|closed the connection/.test(String(error)) || error.name === 'AbortError')
  );
}

export class Client {
  readonly port: number;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(port: number) {
    this.port = port;
  }

  /** @throws Refusal when the status is not 2xx, Error of the connection when it breaks */
  async oss(method: string, path: string, call: OssCall = {}): Promise<Reply> {
    const reply = await this.ask(method, path, call);
    if (reply.status >= 300) throw new Refusal(`${method} ${path} ${JSON.stringify(call.query ?? {})}`, reply);
    return reply;
  }

  /** Makes a channel with three fragments in its playlist, or changes it to that. @throws as `oss` */
  putChannel(bucket: string, channel: string, fragmentSec: number): Promise<Reply> {
    const size = `<FragDuration>${fragmentSec}</FragDuration><FragCount>3</FragCount>`;
    const target = `<Target><Type>HLS</Type>${size}<PlaylistName>playlist.m3u8</PlaylistName></Target>`;
    const body = `<LiveChannelConfiguration>${target}</LiveChannelConfiguration>`;
    return this.oss('PUT', `/${bucket}/${channel}`, { query: { live: '' }, body });
  }

  /** As `oss`, whatever the status is. */
  ask(method: string, path: string, { query = {}, headers = {}, body }: OssCall = {}): Promise<Reply> {
    const date = new Date().toUTCString();
    const named = Object.keys(headers)
      .filter((name) => name.startsWith('x-oss-'))
      .sort();
    const signed = Object.keys(query)
      .filter((name) => SUB_RESOURCES.has(name))
      .sort();
    const resource = signed.map((name) => (query[name] === '' ? name : `${name}=${query[name]}`)).join('&');
    const text = [
      method,
      headers['content-md5'] ?? '',
      headers['content-type'] ?? '',
      date,
      named.map((name) => `${name}:${headers[name]}\n`).join('') + path + (resource === '' ? '' : `?${resource}`),
    ].join('\n');
    const authorization = `OSS ${KEY_ID}:${hmac(SECRET, text)}`;
    const search = Object.entries(query).map(([name, value]) => (value === '' ? name : `${name}=${encode(value)}`));
    const target = encodeURI(path) + (search.length > 0 ? `?${search.join('&')}` : '');
    return this.#send(method, target, { ...headers, date, authorization }, body);
  }

  /** A call of ApsaraVideo Live. @throws Refusal when it is refused */
  async live(action: string, parameters: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
    const all: Record<string, string> = {
      Format: 'JSON',
      Version: '2016-11-01',
      AccessKeyId: KEY_ID,
      SignatureMethod: 'HMAC-SHA1',
      SignatureVersion: '1.0',
      SignatureNonce: randomUUID(),
      Timestamp: new Date().toISOString().replace(/\.\d+/, ''),
      Action: action,
      ...parameters,
    };
    const canonical = Object.keys(all)
      .sort()
      .map((name) => `${encode(name)}=${encode(all[name] ?? '')}`)
      .join('&');
    const signature = hmac(`${SECRET}&`, `GET&%2F&${encode(canonical)}`);
    const reply = await this.#send('GET', `/?${canonical}&Signature=${encode(signature)}`, {});
    if (reply.status >= 300) throw new Refusal(action, reply);
    return JSON.parse(reply.text);
  }

  /** A call of MNS. @throws Refusal when it is refused */
  async mns(method: string, target: string, body: string): Promise<Reply> {
    const headers: Record<string, string> = {
      date: new Date().toUTCString(),
      'content-type': 'text/xml',
      'x-mns-version': '2015-06-06',
    };
    const text = `${method}\n\ntext/xml\n${headers.date}\nx-mns-version:2015-06-06\n${target}`;
    const reply = await this.#send(
      method,
      target,
      { ...headers, authorization: `MNS ${KEY_ID}:${hmac(SECRET, text)}` },
      body,
    );
    if (reply.status >= 300) throw new Refusal(`${method} ${target}`, reply);
    return reply;
  }

  /** A call of the control API. @throws Refusal when it is refused */
  async control(method: string, path: string, document?: unknown): Promise<Record<string, unknown>> {
    const body = document === undefined ? undefined : JSON.stringify(document);
    const reply = await this.#send(method, `/_emulator${path}`, {}, body);
    if (reply.status >= 300) throw new Refusal(`${method} ${path}`, reply);
    return JSON.parse(reply.text);
  }

  /** A signed address to push to. */
  pushUrl(bucket: string, channel: string): string {
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const signature = hmac(SECRET, `${expires}\n/${bucket}/${channel}`);
    const query = `OSSAccessKeyId=${KEY_ID}&Expires=${expires}&Signature=${encode(signature)}`;
    return `rtmp://127.0.0.1:${this.port}/${bucket}/live/${channel}?${query}`;
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: Buffer | string,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const length = { 'content-length': String(Buffer.byteLength(body ?? '')) };
      const options = { host: '127.0.0.1', port: this.port, method, path, agent: this.#agent };
      const request = httpRequest(
        { ...options, headers: { ...headers, ...length }, timeout: TIMEOUT_MS },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const bytes = Buffer.concat(chunks);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: bytes,
              text: bytes.toString(),
            });
          });
        },
      );
      request.on('timeout', () => request.destroy(new Error(`no answer to ${method} ${path} in ${TIMEOUT_MS} ms`)));
      request.on('error', reject);
      request.end(body);
    });
  }
}

export function md5(bytes: Buffer | string): string {
  return createHash('md5').update(bytes).digest('hex').toUpperCase();
}

function hmac(secret: string, text: string): string {
  return createHmac('sha1', secret).update(text).digest('base64');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
