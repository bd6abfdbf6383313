/** Requests: targets, queries, headers, forms, RPC parameters, and where a push is meant to go. */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { readRpcRequest } from '../../src/aliyun/auth/rpc-request.ts';
import { shownTarget } from '../../src/aliyun/auth/shown-target.ts';
import { parseQuery } from '../../src/aliyun/auth/signed-request.ts';
import { readHost } from '../../src/aliyun/endpoint.ts';
import { RpcError } from '../../src/aliyun/rpc-error.ts';
import { OssError } from '../../src/base/errors.ts';
import { redact } from '../../src/base/redact.ts';
import { decodeHttpPath, readResource, splitTarget } from '../../src/http/address.ts';
import { acceptsGzip } from '../../src/http/gzip.ts';
import { openMultipartForm } from '../../src/http/multipart-form.ts';
import { readQuery } from '../../src/http/receive-request.ts';
import { RequestFraming } from '../../src/http/request-framing.ts';
import { readConnectAddress, readPushAddress } from '../../src/ingest/push-address.ts';
import { BadProxyHeader, readProxyHeader } from '../../src/net/proxy-header.ts';
import { createDetect } from '../../src/oss/rest/detect.ts';
import { OPERATIONS } from '../../src/oss/rest/operations.ts';
import { checkObjectTags, readTagPairs } from '../../src/oss/tagging/tag-rules.ts';
import {
  hasParameter,
  optionalBoolean,
  optionalInteger,
  optionalTime,
  readList,
  readObjects,
  requiredText,
} from '../../src/rpc/parameters.ts';
import { selectRange } from '../../src/storage/objects/byte-range.ts';
import { checkConditions, isRangeValid, readConditions } from '../../src/storage/objects/conditions.ts';
import { type FuzzTarget, tolerating } from './fuzz-target.ts';
import { mutate, mutateText, pick } from './mutate.ts';

const ENDPOINT = {
  serviceDomains: ['localhost', 'oss.localhost'],
  cnames: new Map([['media.example.com', 'examplebucket']]),
};
const HOSTS = [
  'examplebucket.oss.localhost:9000',
  'localhost:9000',
  '127.0.0.1:9000',
  '[::1]:9000',
  'examplebucket.oss-cn-hangzhou.aliyuncs.com',
  'media.example.com',
];
const TARGETS = [
  '/examplebucket/a/b.txt?uploadId=0123456789ABCDEF&partNumber=1',
  '/examplebucket?list-type=2&prefix=a%2Fb&delimiter=/&max-keys=100&continuation-token=abc&encoding-type=url',
  '/examplebucket/cam?live&comp=stat',
  '/examplebucket/cam/p.m3u8?vod&startTime=1&endTime=2',
  'http://localhost:9000/examplebucket/%E4%B8%AD?x-oss-process=hls/sign',
  '/?tagging&tag-key=a',
  '/examplebucket?policy',
  '/b/k?acl&versionId=CAEQ',
  '/b/k?append&position=0',
  '/a?OSSAccessKeyId=a&Expires=1&Signature=b%3D',
];
const TARGET_TOKENS = [
  '?',
  '&',
  '=',
  '%',
  '%00',
  '%2F',
  '%C0%80',
  '%E4',
  '+',
  '/',
  '//',
  '..',
  '?live',
  '&comp=',
  '&vod',
  '&uploads',
  '&acl',
  '#',
  ';',
];
const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH'];

/** In no shown text, wherever a client puts it behind this name. */
const SECRET = 'S3cr3tSignature/+0123456789=';

const RPC_QUERIES = [
  'Action=CreateRoom&Version=2016-11-01&AppName=app&StreamName=s&DomainName=example.com&StartTime=2024-01-01T00%3A00%3A00Z&PageNumber=1&NeedStatusNotify=true',
  'Action=A&Events.1=a&Events.2=b&Users=%5B%22a%22%2C%22b%22%5D&RecordFormat.1.Format=m3u8&RecordFormat.1.CycleDuration=900&RecordFormat.2.Format=flv',
  'Action=A&RecordFormat=%5B%7B%22Format%22%3A%22m3u8%22%2C%22CycleDuration%22%3A900%7D%5D',
];
const RPC_TOKENS = [
  '&',
  '=',
  '.',
  'RecordFormat.',
  'RecordFormat.99999999999.',
  'Events.',
  'Events.0',
  '%5B',
  '%5D',
  '%7B',
  '%22',
  'null',
  '1e308',
  '-1',
  'true',
  '2024-02-30T00:00:00Z',
  '+',
  '%',
];
const CODE = 'InvalidParams';

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  range: ['bytes=0-9', 'bytes=-5', 'bytes=5-', 'bytes=0-1,3-4', 'bytes=99999999999999999999-'],
  'if-match': ['"ABC"', 'W/"ABC"', '*', '"A", "B"'],
  'if-none-match': ['"ABC"', '*'],
  'if-modified-since': ['Mon, 01 Jan 2024 00:00:00 GMT', '1'],
  'if-unmodified-since': ['Mon, 01 Jan 2024 00:00:00 GMT'],
  'if-range': ['"ABC"', 'Mon, 01 Jan 2024 00:00:00 GMT'],
  'x-oss-tagging': ['a=b&c=d', 'TagA=%E4%B8%AD&TagB', 'a=b&a=c'],
  'accept-encoding': ['gzip, deflate;q=0.5, *;q=0', 'gzip;q=0', 'identity'],
};
const HEADER_TOKENS = [
  'bytes=',
  '-',
  ',',
  '"',
  'W/',
  '*',
  ';q=',
  'gzip',
  '=',
  '&',
  '%',
  '99999999999999999999',
  ' GMT',
];
const OBJECT = { etag: 'ABC', lastModifiedMs: 1_704_067_200_000 };

const PUSHES = [
  {
    app: 'live',
    tcUrl: 'rtmp://examplebucket.oss.localhost/live',
    streamName: 'cam?OSSAccessKeyId=a&Expires=1&Signature=b%2Fc%3D&playlistName=p.m3u8',
  },
  { app: 'examplebucket/live', tcUrl: 'rtmp://127.0.0.1:1935/examplebucket/live', streamName: 'cam' },
  { app: 'app', tcUrl: 'rtmp://push.example.com/app?vhost=live.example.com', streamName: 'stream?auth_key=1-0-0-a' },
  { app: 'rtc0123456789ab', tcUrl: 'rtmp://localhost/rtc0123456789ab', streamName: 'H4sIAAAAAAAA?auth_key=1-0-0-a' },
  { app: 'examplebucket', tcUrl: 'rtmp://localhost/examplebucket', streamName: 'live%2Fcam%3FSignature%3Da%2Fb' },
];
const PUSH_TEXTS = PUSHES.flatMap(({ app, tcUrl, streamName }) => [app, tcUrl, streamName]);
const PUSH_TOKENS = [
  '/',
  '//',
  '?',
  '&',
  '%2F',
  '%252F',
  '%25',
  '%',
  'live/',
  'rtmp://',
  '@',
  'Signature=',
  'auth_key=',
  'vhost=',
  'rtc',
  'H4sI',
  '..',
];

const BOUNDARY = 'boundary';
const part = (head: string, body: string) =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
const FORMS = [
  `${part('name="key"', 'a')}${part('name="policy"', 'e30=')}${part('name="x-oss-meta-a"', 'b')}${part('name="file"; filename="f.txt"', 'content')}--${BOUNDARY}--\r\n`,
  `${part('name="key"', 'a')}${part('name="file"', 'content')}${part('name="submit"', 'b')}--${BOUNDARY}--\r\n`,
  part('name="key"', 'a'),
].map((text) => Buffer.from(text));
const FORM_TYPES = [
  `multipart/form-data; boundary=${BOUNDARY}`,
  `multipart/form-data; boundary="${BOUNDARY}"`,
  `Multipart/Form-Data;boundary=${BOUNDARY}; charset=utf-8`,
];
const formSocket = new Socket();

const FRAMED = [
  'PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /a HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: a\r\n\r\nGET / HTTP/1.1\r\n\r\n',
  'GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\nCONTENT-LENGTH: 1\r\n\r\n0\r\n\r\n',
].map((text) => Buffer.from(text));

const detect = createDetect(OPERATIONS);

/** IPv4, IPv6 with a TLV, LOCAL, and version 1. */
const PROXY_HEADERS = [
  '0d0a0d0a000d0a515549540a2111000c7f0000017f000001b3ec2328',
  `0d0a0d0a000d0a515549540a21210028${'20010db8'.repeat(8)}b3ec232804000101`,
  '0d0a0d0a000d0a515549540a20000000',
  '50524f585920544350342031',
].map((hex) => Buffer.from(hex, 'hex'));

export const REQUEST_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'proxy-header',
    run(random) {
      const input = mutate(PROXY_HEADERS, random);
      // The signature is the beginning of most: otherwise nearly every change would be refused at it.
      if (random(4) > 0) PROXY_HEADERS[0]?.copy(input, 0, 0, 12);
      tolerating([BadProxyHeader], input.length, () => readProxyHeader(input));
    },
  },
  {
    name: 'query',
    run(random) {
      const target = mutateText(TARGETS, TARGET_TOKENS, random);
      tolerating([OssError], target.length, () => {
        const { rawPath, rawQuery } = splitTarget(target);
        const path = decodeHttpPath(rawPath);
        return [
          parseQuery(rawQuery),
          readQuery(rawQuery),
          path === undefined ? path : readResource(readHost('localhost', ENDPOINT), path),
        ];
      });
    },
  },
  {
    name: 'operation',
    run(random) {
      const target = mutateText(TARGETS, TARGET_TOKENS, random);
      const method = pick(METHODS, random);
      const host =
        random(4) === 0 ? mutateText(HOSTS, ['.', ':', '[', ']', 'oss.localhost'], random) : pick(HOSTS, random);
      tolerating([OssError], target.length + host.length, () => {
        const { rawPath, rawQuery } = splitTarget(target);
        const [resource] = readResource(readHost(host, ENDPOINT), decodeHttpPath(rawPath) ?? '/');
        return detect({ method, resource, query: readQuery(rawQuery), headers: new Map() }).name;
      });
    },
  },
  {
    name: 'shown-target',
    run(random) {
      const target = `${mutateText(TARGETS, TARGET_TOKENS, random)}&Signature=${encodeURIComponent(SECRET)}`;
      tolerating([], target.length, () => {
        const shown = [shownTarget(target), redact(target)];
        if (shown.some((text) => text.includes('S3cr3t'))) throw new RangeError(`a secret is shown of ${target}`);
        return shown;
      });
    },
  },
  {
    name: 'headers',
    run(random) {
      const headers = new Map(Object.entries(HEADERS).map(([name, values]) => [name, pick(values, random)]));
      const name = pick([...headers.keys()], random);
      const value = mutateText(HEADERS[name] ?? [''], HEADER_TOKENS, random);
      headers.set(name, value);
      tolerating([OssError], value.length, () => {
        const range = selectRange(headers.get('range'), 100, random(2) === 0);
        const isValid = isRangeValid(headers.get('if-range'), OBJECT);
        const tags = checkObjectTags(readTagPairs(headers.get('x-oss-tagging') ?? ''));
        const zips = acceptsGzip(headers.get('accept-encoding'));
        checkConditions(readConditions(headers), OBJECT);
        return [range, isValid, tags, zips];
      });
    },
  },
  {
    name: 'rpc-parameters',
    run(random) {
      const query = mutateText(RPC_QUERIES, RPC_TOKENS, random);
      const isForm = random(2) === 0;
      const headers = new Map(isForm ? [['content-type', 'application/x-www-form-urlencoded']] : []);
      tolerating([RpcError], query.length, () => {
        const { parameters } = readRpcRequest('POST', isForm ? '' : query, headers, Buffer.from(isForm ? query : ''));
        const lists = [
          readList(parameters, 'Events'),
          readList(parameters, 'Users'),
          readObjects(parameters, 'RecordFormat'),
        ];
        const found = [
          hasParameter(parameters, 'RecordFormat'),
          optionalBoolean(parameters, 'NeedStatusNotify'),
          optionalTime(parameters, 'StartTime', CODE),
        ];
        return [lists, found, optionalInteger(parameters, 'PageNumber', CODE), requiredText(parameters, 'Action')];
      });
    },
  },
  {
    name: 'push-address',
    run(random) {
      const push = pick(PUSHES, random);
      const change = (text: string) =>
        random(2) === 0 ? mutateText([text, ...PUSH_TEXTS], PUSH_TOKENS, random) : text;
      const command = {
        app: change(push.app),
        tcUrl: change(push.tcUrl),
        streamName: change(push.streamName),
        remoteAddr: 'a:1',
        localAddr: 'b:2',
        flashVer: '',
      };
      const options = { endpoint: ENDPOINT, isLiveDomain: (host: string) => host.startsWith('push.') };
      const sizeChars = command.app.length + command.tcUrl.length + command.streamName.length;
      tolerating([], sizeChars, () => [readConnectAddress(command, options), readPushAddress(command, options)]);
    },
  },
  {
    name: 'framing',
    run(random) {
      const input = mutate(FRAMED, random);
      const cut = random(input.length + 1);
      const framing = new RequestFraming();
      tolerating([], input.length, () => {
        const passed = [input.subarray(0, cut), input.subarray(cut)].flatMap((piece) => [...framing.pass(piece)]);
        return [passed, framing.requestLine];
      });
    },
  },
  {
    name: 'form',
    async run(random) {
      const input = mutate(FORMS, random);
      const request = new IncomingMessage(formSocket);
      const contentType =
        random(8) === 0
          ? mutateText(FORM_TYPES, ['boundary=', '"', ';', '=', '-'.repeat(80)], random)
          : pick(FORM_TYPES, random);
      request.headers['content-type'] = contentType;
      request.complete = true;
      const cut = random(input.length + 1);
      for (const piece of [input.subarray(0, cut), input.subarray(cut)]) if (piece.length > 0) request.push(piece);
      request.push(null);
      let fileBytes = 0;
      try {
        const form = await openMultipartForm(request);
        for await (const chunk of form.file.chunks()) fileBytes += chunk.length;
        form.close();
        tolerating([], input.length, () => form.fields);
      } catch (error) {
        if (!(error instanceof OssError)) throw error;
      }
      request.destroy();
      if (fileBytes > input.length) throw new Error('the file of a form is longer than the form');
    },
  },
];
