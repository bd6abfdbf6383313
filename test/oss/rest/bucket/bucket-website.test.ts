import { describe, expect, it } from 'vitest';
import { element, type Reply, type RestServer, refusal, startRestServer } from '../rest-server.ts';

const TARGET = '/examplebucket/?website';
const HOST = 'examplebucket.oss.localhost';

const website = (content: string) => `<WebsiteConfiguration>${content}</WebsiteConfiguration>`;
const index = (more = '') => `<IndexDocument><Suffix>index.html</Suffix>${more}</IndexDocument>`;
const ERROR = '<ErrorDocument><Key>error.html</Key></ErrorDocument>';

function rule(number: number, condition: string, redirect: string): string {
  return `<RoutingRule><RuleNumber>${number}</RuleNumber><Condition>${condition}</Condition><Redirect>${redirect}</Redirect></RoutingRule>`;
}

/** A public bucket with `index.html`, `sub/index.html`, `error.html` and `page.html`, each of which holds its name. */
async function startWebsite(content: string, publicUrl?: string): Promise<RestServer> {
  const server = await startRestServer({
    buckets: { examplebucket: 'public-read' },
    ...(publicUrl !== undefined && { publicUrl }),
  });
  for (const key of ['index.html', 'sub/index.html', 'error.html', 'page.html', 'sub/']) {
    await server.send('PUT', `/examplebucket/${key}`, { body: key, headers: { 'content-type': 'text/html' } });
  }
  const put = await server.send('PUT', TARGET, { body: website(content) });
  expect([put.status, put.text]).toEqual([200, '']);
  return server;
}

function browse(
  { send }: RestServer,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Reply> {
  return send(method, target, { key: null, host: HOST, headers });
}

const outcome = ({ status, text, headers }: Reply) => [status, headers.location ?? text];

describe('the website of a bucket', () => {
  it('is none before it is put, and after it was deleted', async () => {
    const { send } = await startRestServer();
    const none = { status: 404, code: 'NoSuchWebsiteConfiguration', ec: undefined };
    expect(refusal(await send('GET', TARGET))).toEqual(none);
    await send('PUT', TARGET, { body: website(index()) });
    expect(element(await send('GET', TARGET), 'Suffix')).toBe('index.html');
    expect((await send('DELETE', TARGET)).status).toBe(204);
    expect((await send('DELETE', TARGET)).status).toBe(204);
    expect(refusal(await send('GET', TARGET))).toEqual(none);
    expect(refusal(await send('PUT', '/missing/?website', { body: website(index()) })).code).toBe('NoSuchBucket');
  });

  it('comes back as it was sent, with the defaults of redirects', async () => {
    const { send } = await startRestServer();
    const mirror =
      '<RedirectType>Mirror</RedirectType><MirrorURL>http://a.test/</MirrorURL><MirrorHeaders><Pass>a</Pass><Pass>b</Pass><Set><Key>k</Key><Value>v</Value></Set></MirrorHeaders>';
    const external =
      '<RedirectType>External</RedirectType><PassQueryString>True</PassQueryString><HostName>b.test</HostName>';
    const rules =
      rule(1, '<KeyPrefixEquals>1~!@#$%^&amp;*()-_=+|\\[]{}&lt;&gt;,./?`~</KeyPrefixEquals>', mirror) +
      rule(2, '', external);
    const put = await send('PUT', TARGET, { body: website(`<RoutingRules>${rules}</RoutingRules>`) });
    expect(put.status).toBe(200);
    const kept = (await send('GET', TARGET)).text.replace(/>\s+</g, '><');
    expect(kept).toContain('<KeyPrefixEquals>1~!@#$%^&amp;*()-_=+|\\[]{}&lt;&gt;,./?`~</KeyPrefixEquals>');
    expect(kept).toContain('<Pass>a</Pass><Pass>b</Pass><Set><Key>k</Key><Value>v</Value></Set></MirrorHeaders>');
    for (const text of [
      '<PassQueryString>false<',
      '<MirrorPassQueryString>false<',
      '<MirrorFollowRedirect>true<',
      '<MirrorCheckMd5>false<',
      '<PassAll>false<',
    ]) {
      expect(kept).toContain(text);
    }
    expect(kept).toContain('<RedirectType>External</RedirectType><PassQueryString>true</PassQueryString>');
  });

  it.each([
    ['nothing', '', 'MalformedXML', '0016-00000608'],
    ['an empty suffix', '<IndexDocument><Suffix></Suffix></IndexDocument>', 'MalformedXML', '0016-00000608'],
    [
      'a mirror without a source',
      `<RoutingRules>${rule(1, '', '<RedirectType>Mirror</RedirectType>')}</RoutingRules>`,
      'InvalidArgument',
      '0019-00000002',
    ],
    ['an unknown type', index('<Type>3</Type>'), 'InvalidArgument', '0019-00000002'],
    [
      'a status whose answers have no body',
      '<ErrorDocument><Key>e</Key><HttpStatus>204</HttpStatus></ErrorDocument>',
      'InvalidArgument',
      '0019-00000002',
    ],
    [
      'a status that is no number',
      '<ErrorDocument><Key>e</Key><HttpStatus>test</HttpStatus></ErrorDocument>',
      'InvalidArgument',
      '0019-00000002',
    ],
    [
      'an unknown redirect',
      `<RoutingRules>${rule(1, '', '<RedirectType>x</RedirectType>')}</RoutingRules>`,
      'InvalidArgument',
      '0019-00000002',
    ],
    [
      'a rule without a number',
      '<RoutingRules><RoutingRule><Condition/><Redirect><RedirectType>External</RedirectType></Redirect></RoutingRule></RoutingRules>',
      'InvalidArgument',
      '0019-00000002',
    ],
    [
      'a rule without a condition',
      '<RoutingRules><RoutingRule><RuleNumber>1</RuleNumber></RoutingRule></RoutingRules>',
      'MalformedXML',
      '0016-00000608',
    ],
    [
      'a host that is none',
      `<RoutingRules>${rule(1, '', '<RedirectType>External</RedirectType><HostName>a&#13;&#10;b</HostName>')}</RoutingRules>`,
      'InvalidArgument',
      '0019-00000002',
    ],
    [
      'a mirror for another status',
      `<RoutingRules>${rule(1, '<HttpErrorCodeReturnedEquals>400</HttpErrorCodeReturnedEquals>', '<RedirectType>Mirror</RedirectType>')}</RoutingRules>`,
      'InvalidArgument',
      '0019-00000002',
    ],
    [
      'too many rules',
      `<RoutingRules>${Array.from({ length: 21 }, (_, n) => rule(n + 1, '', '<RedirectType>External</RedirectType>')).join('')}</RoutingRules>`,
      'InvalidArgument',
      '0019-00000002',
    ],
  ])('with %s is refused', async (_what, content, code, ec) => {
    const { send } = await startRestServer();
    expect(refusal(await send('PUT', TARGET, { body: website(content) }))).toEqual({ status: 400, code, ec });
  });
});

describe('a document with absurd names', () => {
  it('is kept without them', async () => {
    const { send } = await startRestServer();
    const content = `${index()}<_>a</_><__proto__><A>b</A></__proto__><constructor>c</constructor>`;
    expect((await send('PUT', TARGET, { body: website(content) })).status).toBe(200);
    const kept = await send('GET', TARGET);
    expect([kept.status, kept.text.replace(/\s/g, '')]).toEqual([
      200,
      `<?xmlversion="1.0"encoding="UTF-8"?>${website(index())}`,
    ]);
  });
});

describe('pages of a website', () => {
  it('are the index document for the root and for folders', async () => {
    const server = await startWebsite(index());
    expect(outcome(await browse(server, '/'))).toEqual([200, 'index.html']);
    expect(outcome(await browse(server, '/sub/'))).toEqual([200, 'index.html']);
    expect(outcome(await browse(server, '/page.html'))).toEqual([200, 'page.html']);
    expect((await browse(server, '/sub/', {}, 'HEAD')).headers['content-length']).toBe('10');
    const cname = await server.send('GET', '/', { key: null, host: 'live.test' });
    expect(cname.text).toBe('index.html');
  });

  it('are the index document of the folder with SupportSubDir', async () => {
    const server = await startWebsite(index('<SupportSubDir>true</SupportSubDir>'));
    expect(outcome(await browse(server, '/sub/'))).toEqual([200, 'sub/index.html']);
    expect(refusal(await browse(server, '/none/')).code).toBe('NoSuchKey');
  });

  it.each([
    ['0', '/sub', [302, '/sub/']],
    ['0', '/none', [404, 'error.html']],
    ['1', '/sub', [404, 'error.html']],
    ['2', '/sub', [200, 'sub/index.html']],
    ['2', '/none', [404, 'error.html']],
  ])('of Type %s for %s: %j', async (type, target, expected) => {
    const server = await startWebsite(index(`<SupportSubDir>true</SupportSubDir><Type>${type}</Type>`) + ERROR);
    expect(outcome(await browse(server, target))).toEqual(expected);
  });

  it('are the error document when there is no object, whole, with the status that is configured', async () => {
    const server = await startWebsite(ERROR);
    const reply = await browse(server, '/none', { range: 'bytes=0-1' });
    expect([...outcome(reply), reply.headers['content-type']]).toEqual([404, 'error.html', 'text/html']);
    const ok = await startWebsite('<ErrorDocument><Key>error.html</Key><HttpStatus>200</HttpStatus></ErrorDocument>');
    expect(outcome(await browse(ok, '/none'))).toEqual([200, 'error.html']);
    const missing = await startWebsite('<ErrorDocument><Key>gone.html</Key></ErrorDocument>');
    expect(refusal(await browse(missing, '/none'))).toMatchObject({ status: 404, code: 'NoSuchKey' });
  });

  it('obey the ACL of what they show', async () => {
    const server = await startWebsite(index() + ERROR);
    await server.send('PUT', '/examplebucket/index.html?acl', { headers: { 'x-oss-object-acl': 'private' } });
    expect(refusal(await browse(server, '/'))).toMatchObject({ status: 403, code: 'AccessDenied' });
    await server.send('PUT', '/examplebucket/error.html?acl', { headers: { 'x-oss-object-acl': 'private' } });
    expect(refusal(await browse(server, '/none'))).toMatchObject({ status: 404, code: 'NoSuchKey' });
  });

  it('are not for signed calls, which get the API, except the index document of a folder', async () => {
    const server = await startWebsite(index() + ERROR);
    const signed = (target: string) => server.send('GET', target, { host: HOST });
    expect((await signed('/')).text).toContain('<ListBucketResult>');
    expect(refusal(await signed('/none')).code).toBe('NoSuchKey');
    expect((await signed('/none/')).text).toBe('index.html');
    expect((await server.send('GET', '/examplebucket/none/')).text).toBe('index.html');
  });

  it('are not for addresses in path style', async () => {
    const { send } = await startWebsite(index() + ERROR);
    expect((await send('GET', '/examplebucket/none', { key: null })).text).toContain('NoSuchKey');
    expect((await send('GET', '/examplebucket/', { key: null })).text).not.toBe('index.html');
  });
});

describe('routing rules', () => {
  const external = (more: string) => `<RedirectType>External</RedirectType>${more}`;
  const target = '<Protocol>https</Protocol><HostName>www.test.com</HostName>';

  it.each([
    [
      'a prefix',
      '<KeyPrefixEquals>abc/</KeyPrefixEquals>',
      `${target}<ReplaceKeyPrefixWith>def/</ReplaceKeyPrefixWith>`,
      '/abc/test.txt',
      'https://www.test.com/def/test.txt',
    ],
    [
      'no prefix',
      '',
      `${target}<ReplaceKeyPrefixWith>def/</ReplaceKeyPrefixWith>`,
      '/abc/a',
      'https://www.test.com/def/abc/a',
    ],
    [
      'a whole key',
      '',
      `${target}<ReplaceKeyWith>prefix/\${key}.suffix</ReplaceKeyWith>`,
      '/te%20st',
      'https://www.test.com/prefix/te%20st.suffix',
    ],
    ['a suffix', '<KeySuffixEquals>.jpg</KeySuffixEquals>', target, '/a.jpg', 'https://www.test.com/a.jpg'],
    [
      'the query',
      '',
      `${target}<PassQueryString>true</PassQueryString>`,
      '/a?x=1&y=%2F',
      'https://www.test.com/a?x=1&y=%2F',
    ],
    ['no query', '', target, '/a?x=1', 'https://www.test.com/a'],
    [
      'a header',
      '<IncludeHeader><Key>X-Region</Key><Equals>eu</Equals></IncludeHeader>',
      target,
      '/a',
      'https://www.test.com/a',
    ],
    ['the host of the request', '', '', '/a', `http://${HOST}/a`],
  ])('redirect by %s', async (_what, condition, redirect, path, location) => {
    const server = await startWebsite(`<RoutingRules>${rule(1, condition, external(redirect))}</RoutingRules>`);
    expect(outcome(await browse(server, path, { 'x-region': 'eu' }))).toEqual([302, location]);
  });

  it('keep the scheme of the public URL', async () => {
    const rules = `<RoutingRules>${rule(1, '', external(''))}</RoutingRules>`;
    const server = await startWebsite(rules, 'https://media.example.test');
    expect(outcome(await browse(server, '/a'))).toEqual([302, `https://${HOST}/a`]);
  });

  it('are for the errors that they name, in the order of their numbers, before the error document', async () => {
    const on404 = '<HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals>';
    const code = (status: number, host: string) =>
      external(`<HostName>${host}</HostName><HttpRedirectCode>${status}</HttpRedirectCode>`);
    const rules = [
      rule(2, on404, code(301, 'second.test')),
      rule(1, `${on404}<KeyPrefixEquals>a</KeyPrefixEquals>`, code(307, 'first.test')),
    ];
    const server = await startWebsite(`${ERROR}<RoutingRules>${rules.join('')}</RoutingRules>`);
    expect(outcome(await browse(server, '/page.html'))).toEqual([200, 'page.html']);
    expect(outcome(await browse(server, '/abc'))).toEqual([307, 'http://first.test/abc']);
    expect(outcome(await browse(server, '/xyz'))).toEqual([301, 'http://second.test/xyz']);
  });

  it('of other types are kept but not carried out', async () => {
    const types = ['Mirror', 'Internal', 'AliCDN'].map((type, n) =>
      rule(n + 1, '', `<RedirectType>${type}</RedirectType><MirrorURL>http://a.test/</MirrorURL>`),
    );
    const server = await startWebsite(`<RoutingRules>${types.join('')}</RoutingRules>`);
    expect(refusal(await browse(server, '/none')).code).toBe('NoSuchKey');
    expect(outcome(await browse(server, '/page.html'))).toEqual([200, 'page.html']);
  });
});
