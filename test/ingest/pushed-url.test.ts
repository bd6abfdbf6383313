import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queryValue } from '../../src/aliyun/auth/signed-request.ts';
import { readConnectAddress, readPushAddress } from '../../src/ingest/push-address.ts';
import { joinPushedUrl } from '../../src/ingest/pushed-url.ts';

const OPTIONS = {
  endpoint: { serviceDomains: ['localhost', 'oss.localhost'], cnames: new Map([['cdn.example.test', 'mapped']]) },
  isLiveDomain: (host: string) => host === 'known.example.com',
};
const PEER = { flashVer: '', remoteAddr: '127.0.0.1:50000', localAddr: '127.0.0.1:9000' };
const Q = 'OSSAccessKeyId=ak&Expires=1&Signature=a%2Fb';

type Sent = Pick<Parameters<typeof joinPushedUrl>[0], 'app' | 'tcUrl' | 'streamName'>;

const read = (sent: Sent) => readPushAddress({ ...sent, ...PEER }, OPTIONS);
const connect = ({ app, tcUrl }: Omit<Sent, 'streamName'>) => readConnectAddress({ app, tcUrl, ...PEER }, OPTIONS);

describe('a query whose question mark was lost', () => {
  it.each([
    ['b-1/live', 'ch&OSSAccessKeyId=ak&Signature=a%2Fb%2F'],
    ['b-1/live', 'ch%3FOSSAccessKeyId=ak&Signature=a%2Fb%2F'],
    ['b-1', 'live/ch&OSSAccessKeyId=ak&Signature=a/b/'],
  ])('stays with the channel name, with the slashes of its signature: %s %s', (app, streamName) => {
    const { segments } = joinPushedUrl({ app, tcUrl: `rtmp://h/${app}`, streamName });
    expect(segments).toEqual(['b-1', 'live', expect.stringMatching(/^ch[&?]OSSAccessKeyId=ak&Signature=a\/b\/$/)]);
  });
});

describe('one address, divided as encoders do', () => {
  it.each<[string, string, string, string?]>([
    ['at the last slash (ffmpeg, OBS)', 'b-1/live', `ch?${Q}`],
    ['at the first slash (joy4, yasea)', 'b-1', `live/ch?${Q}`],
    ['with everything in the name', '', `b-1/live/ch?${Q}`],
    ['with everything in the name, and a slash before it', '', `/b-1/live/ch?${Q}`],
    ['with everything in app', `b-1/live/ch?${Q}`, ''],
    ['with the query alone in the name', 'b-1/live/ch', `?${Q}`],
    ['with the query alone in the name, without its mark', 'b-1/live/ch', Q],
    ['with the query in app', `b-1/live?${Q}`, 'ch'],
    ['with the query in tcUrl', 'b-1/live', 'ch', `rtmp://127.0.0.1:9000/b-1/live?${Q}`],
    ['with the query in two of them', 'b-1/live?Expires=1&Signature=a%2Fb', 'ch?OSSAccessKeyId=ak'],
    ['with doubled slashes', '//b-1//live/', `//ch/?${Q}`],
    ['with escaped slashes', 'b-1', `live%2Fch?${Q}`],
    ['with slashes that were escaped twice', 'b-1%252flive', `ch?${Q}`],
    ['with slashes that were escaped three times', `b-1%25252Flive%25252Fch?${Q}`, ''],
    ['with the whole URL as name', 'b-1/live', `rtmp://127.0.0.1:9000/b-1/live/ch?${Q}`],
    ['with the whole URL as name, in another application', 'live', `RTMP://127.0.0.1/b-1/live/ch?${Q}`],
    ['with the URL as app', 'rtmp://127.0.0.1:9000/b-1/live', `ch?${Q}`],
    ['with an empty app, and a path in tcUrl', '', `ch?${Q}`, 'rtmp://127.0.0.1:9000/b-1/live'],
    ['with a part of the path in tcUrl only', 'b-1', `ch?${Q}`, 'rtmp://127.0.0.1:9000/b-1/live'],
    ['with the bucket in tcUrl only', 'live', `ch?${Q}`, 'rtmp://127.0.0.1:9000/b-1/live'],
    ['with the whole URL as tcUrl', 'b-1/live', `ch?${Q}`, `rtmp://127.0.0.1:9000/b-1/live/ch?${Q}`],
    ['with the whole URL as tcUrl, and no name', 'b-1/live', '', `rtmp://127.0.0.1:9000/b-1/live/ch?${Q}`],
    ['with a user in tcUrl', 'b-1/live', `ch?${Q}`, 'rtmps://user:p%40ss@127.0.0.1:9000/b-1/live'],
    ['with an IPv6 host', 'b-1', `live/ch?${Q}`, 'RTMP://[::1]:9000/b-1'],
    ['without tcUrl', 'b-1', `live/ch?${Q}`, ''],
  ])('%s', (_, app, streamName, tcUrl = `rtmp://127.0.0.1:9000/${app}`) => {
    const address = read({ app, streamName, tcUrl });
    expect(address).toMatchObject({ kind: 'channel', bucket: 'b-1', channel: 'ch' });
    const sent = address.kind === 'channel' ? address.parameters.map(({ raw }) => raw) : [];
    expect(sent.sort()).toEqual(Q.split('&').sort());
    expect(connect({ app, tcUrl })).toBeDefined();
  });

  it('with different values of a parameter: that of the name counts, then that of app, and the first of each', () => {
    const { parameters } = joinPushedUrl({
      app: 'b-1/live?Expires=3&vhost=a&vhost=b',
      tcUrl: 'rtmp://127.0.0.1:9000/b-1/live?Expires=4&vhost=c&Signature=d',
      streamName: 'ch?Expires=1&Expires=2',
    });
    expect(parameters.map(({ raw }) => raw)).toEqual(['Expires=1', 'vhost=a', 'Signature=d']);
  });

  it('at a slash within a signature that was not percent-encoded', () => {
    const signature = '3SRV751IWWB/rA0hwCm/nVqzpY8=';
    for (const [app, streamName] of [
      ['live/ch?Expires=1&OSSAccessKeyId=ak&Signature=3SRV751IWWB', 'rA0hwCm/nVqzpY8='],
      ['live/ch?Expires=1&Signature=3SRV751IWWB', 'rA0hwCm/nVqzpY8=&OSSAccessKeyId=ak'],
      ['live/ch?Expires=1&Signature=3SRV751IWWB/rA0hwCm', 'nVqzpY8=&OSSAccessKeyId=ak'],
    ] as const) {
      const { segments, parameters } = joinPushedUrl({ app, streamName, tcUrl: '' });
      expect([segments, queryValue(parameters, 'Signature')]).toEqual([['live', 'ch'], signature]);
      expect(queryValue(parameters, 'OSSAccessKeyId')).toBe('ak');
    }
  });
});

/** Valid addresses: host and path segments; the query names what the path alone does not say. */
const word = fc.stringMatching(/^[a-z0-9][a-z0-9._~-]{2,11}$/).filter((text) => !/^(live|rtc)/.test(text));
const parameters = fc
  .uniqueArray(fc.tuple(word, fc.stringMatching(/^[A-Za-z0-9%=+.-]{0,6}$/)), {
    maxLength: 4,
    selector: ([name]) => name,
  })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`));
const bareHost = fc.constantFrom('127.0.0.1', 'localhost', '[::1]', 'emulator', 'oss-cn-hangzhou.aliyuncs.com');
const bucketHost = fc.constantFrom('bkt.oss.localhost', 'bkt.oss-cn-hangzhou.aliyuncs.com', 'cdn.example.test');
const anyHost = fc.oneof(bareHost, bucketHost);
const liveHost = fc.oneof(bareHost, fc.constantFrom('known.example.com', 'push.example.com'));
interface Url {
  readonly host: string;
  readonly path: readonly string[];
  readonly query: readonly string[];
}

const url: fc.Arbitrary<Url> = fc.oneof(
  fc.record({ host: anyHost, path: word.map((ch) => ['live', ch]), query: parameters }),
  fc.record({ host: bareHost, path: fc.tuple(word, word).map(([b, ch]) => [b, 'live', ch]), query: parameters }),
  fc.record({ host: bareHost, path: fc.tuple(word, word).map(([b, ch]) => ['live', b, ch]), query: parameters }),
  fc.record({
    host: liveHost,
    path: fc.oneof(fc.tuple(word, word), fc.constant<readonly string[]>(['live', 's1'])),
    query: parameters.map((pairs) => ['vhost=play.test', 'auth_key=1-0-0-x', ...pairs]),
  }),
  fc.record({
    host: liveHost,
    path: fc.tuple(word, word),
    query: parameters.map((pairs) => ['auth_key=1-0-0-x', ...pairs]),
  }),
  fc.record({
    host: liveHost,
    path: fc.constant(['rtc0123456789ab', 'H4sIAAAAAbc_-9']),
    query: fc.constant(['auth_key=1-0-0-x']),
  }),
);

/** Writes text with some of its unreserved characters as escapes. */
function escaped(text: string, choices: readonly number[]): string {
  return [...text]
    .map((character, i) => {
      const hex = character.charCodeAt(0).toString(16);
      return [character, character, `%${hex}`, `%${hex.toUpperCase()}`][(choices[i % choices.length] ?? 0) % 4];
    })
    .join('');
}

it('the address does not depend on the division', () => {
  const choices = fc.array(fc.nat(11), { minLength: 8, maxLength: 24 });
  fc.assert(
    fc.property(
      url,
      fc.nat(3),
      fc.nat(3),
      choices,
      choices,
      fc.nat(3),
      (given, cut, shape, slashes, escapes, where) => {
        const { host, path, query } = given;
        const undivided = read({
          app: '',
          streamName: `${path.join('/')}?${query.join('&')}`,
          tcUrl: `rtmp://${host}/`,
        });
        expect(undivided.kind).not.toBe('nothing');
        const slash = (i: number) =>
          ['/', '/', '//', '%2F', '%2f', '/%2F', '///'][(slashes[i % slashes.length] ?? 0) % 7];
        const segments = path.map((segment) => escaped(segment, escapes));
        const join = (parts: readonly string[]) => parts.map((part, i) => (i === 0 ? part : slash(i) + part)).join('');
        const app = [
          shape % 2 ? slash(0) : '',
          join(segments.slice(0, cut)),
          shape > 1 && cut > 0 ? slash(1) : '',
        ].join('');
        const name = (shape > 1 ? slash(2) : '') + join(segments.slice(cut));
        // Each parameter is in one of the three parts, in its order within that part.
        const partOf = (i: number) => ((slashes[i] ?? 0) + where) % 3;
        const placed = (part: number) =>
          query.filter((_, i) => (isAllInApp ? Math.max(1, partOf(i)) : partOf(i)) === part).join('&');
        const ask = (text: string) => (text === '' ? '' : `?${text}`);
        // With everything in `app`, a stream is known as such by its key, which must not come later.
        const isAllInApp = cut >= path.length && query.some((pair) => pair.startsWith('auth_key='));
        const [inName, inApp, inTcUrl] =
          where === 3 && !isAllInApp ? [query.join('&'), '', ''] : [placed(0), placed(1), placed(2)];
        const scheme = ['rtmp', 'RTMP', 'rtmps'][escapes[0] ?? 0] ?? 'rtmp';
        const user = ['', 'user@', 'u:p@'][escapes[1] ?? 0] ?? '';
        const port = ['', ':1935', ':9000'][escapes[2] ?? 0] ?? '';
        const authority = `${user}${escapes[3] === 0 ? host.toUpperCase() : host}${port}`;
        const sent: Sent = {
          app: app + ask(inApp ?? ''),
          streamName: name + ask(inName ?? ''),
          tcUrl: `${scheme}://${authority}/${app}${ask(inTcUrl ?? '')}`,
        };
        const sorted = (address: ReturnType<typeof read>) =>
          'parameters' in address
            ? { ...address, parameters: address.parameters.map(({ raw }) => raw).toSorted() }
            : address;
        expect(sorted(read(sent))).toEqual(sorted(undivided));
        expect(connect(sent)).toBeDefined();
        const whole: Sent = {
          app: '',
          streamName: `${scheme}://${authority}/${join(segments)}?${query.join('&')}`,
          tcUrl: '',
        };
        expect(sorted(read(whole))).toEqual(sorted(undivided));
      },
    ),
    { numRuns: 500 },
  );
});

it('no text makes it throw', () => {
  const piece = fc.constantFrom(
    '/',
    '?',
    '&',
    '=',
    '%',
    '%2F',
    '%25',
    '%ff',
    'live',
    'rtmp://',
    '@',
    '[',
    ']',
    ':',
    'Signature=',
    'H4sI',
    'rtc',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, text, text, (app, tcUrl, streamName) => {
      const { kind } = read({ app, tcUrl, streamName });
      expect(['channel', 'stream', 'room', 'nothing']).toContain(kind);
      connect({ app, tcUrl });
    }),
    { numRuns: 1000 },
  );
});
