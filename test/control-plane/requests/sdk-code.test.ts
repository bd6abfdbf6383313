/** What a client sent is in the copied code as text, whatever it is: every operation that has code, in every language. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeptRequest } from '../../../src/control-plane/requests/kept-requests.ts';
import { sdkCode } from '../../../src/control-plane/requests/sdk-code.ts';
import { OPERATIONS } from '../../../src/oss/rest/operations.ts';
import { oddText } from '../../support/odd-texts.ts';
import { goParser, type ParseCode, type ParsedCode, pythonParser } from '../../support/parsed-code/parsed-code.ts';
import { describeWith } from '../../support/tools.ts';

const START_TIMEOUT_MS = 120_000;
/** Stands in the code with which others are compared. */
const MARK = 'MARK';

function kept(operation: string, text: string, changes: Partial<KeptRequest> = {}): KeptRequest {
  return {
    requestId: 'r',
    operation,
    method: 'GET',
    bucket: 'examplebucket',
    key: text,
    query: [],
    headers: new Map(),
    body: { state: 'none' },
    missing: [],
    isAddressKept: true,
    ...changes,
  };
}

function queryOf(parameters: Readonly<Record<string, string>>): Pick<KeptRequest, 'query'> {
  return { query: Object.entries(parameters).map(([name, value]) => ({ name, value, hasEquals: true })) };
}

interface Case {
  readonly request: (text: string) => KeptRequest;
  /** The text as the request can have it. */
  readonly sent?: (text: string) => string;
}

const onKey = (operation: string): Case => ({ request: (text) => kept(operation, text) });
const onBucket = (operation: string, parameters: (text: string) => Readonly<Record<string, string>>): Case => ({
  request: (text) => kept(operation, '', queryOf(parameters(text))),
});
const PERIOD = { vod: '', startTime: '1', endTime: '2' };

const CASES: Readonly<Record<string, Case>> = {
  PutLiveChannel: {
    request: (text) => kept('PutLiveChannel', text, { body: { state: 'kept', text: channelDocument(text) } }),
    // What XML 1.0 has as characters; it makes one line break of each kind, and blanks around a value may be left out.
    sent: (text) => `x${text.toWellFormed().replace(/[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')}x`,
  },
  ListLiveChannel: onBucket('ListLiveChannel', (text) => ({ live: '', prefix: text, marker: text, 'max-keys': text })),
  DeleteLiveChannel: onKey('DeleteLiveChannel'),
  PutLiveChannelStatus: {
    request: (text) => kept('PutLiveChannelStatus', text, queryOf({ live: '', status: text })),
  },
  GetLiveChannelInfo: onKey('GetLiveChannelInfo'),
  GetLiveChannelStat: onKey('GetLiveChannelStat'),
  GetLiveChannelHistory: onKey('GetLiveChannelHistory'),
  PostVodPlaylist: {
    request: (text) => kept('PostVodPlaylist', `${text}/${text}`, queryOf(PERIOD)),
    sent: (text) => text.replaceAll('/', '_'),
  },
  GetVodPlaylist: { request: (text) => kept('GetVodPlaylist', text, queryOf(PERIOD)) },
  PutObject: onKey('PutObject'),
  GetObject: onKey('GetObject'),
  HeadObject: onKey('HeadObject'),
  GetObjectMeta: onKey('GetObjectMeta'),
  DeleteObject: onKey('DeleteObject'),
  CopyObject: {
    request: (text) =>
      kept('CopyObject', text, { headers: new Map([['x-oss-copy-source', `/from/${encodeURIComponent(text)}`]]) }),
    sent: (text) => `x${text.toWellFormed().replace(/[\0 ]/g, '')}`,
  },
  GetObjectACL: onKey('GetObjectACL'),
  PutObjectACL: {
    request: (text) => kept('PutObjectACL', text, { headers: new Map([['x-oss-object-acl', text]]) }),
  },
  'GetBucket (ListObjects)': onBucket('GetBucket (ListObjects)', (text) => ({
    prefix: text,
    marker: text,
    delimiter: text,
    'max-keys': '3',
  })),
  ListObjectsV2: onBucket('ListObjectsV2', (text) => ({
    'list-type': '2',
    prefix: text,
    'start-after': text,
    delimiter: text,
    'continuation-token': text,
  })),
  GetService: { request: () => kept('GetService', '', { bucket: '' }) },
  GetBucketInfo: { request: (text) => kept('GetBucketInfo', '', { bucket: text }) },
};

function channelDocument(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<LiveChannelConfiguration><Description>${escaped}</Description><Status>enabled</Status><Target><Type>HLS</Type><FragDuration>5</FragDuration><FragCount>3</FragCount><PlaylistName>${escaped}</PlaylistName></Target></LiveChannelConfiguration>`;
}

/** The code of each operation that has some, with the text also where the emulator writes its own. */
function codesOf(language: string, text: string): readonly { readonly sent: string; readonly code: string }[] {
  return Object.values(CASES).flatMap(({ request, sent: toSent = (whole: string) => whole }) => {
    const sent = toSent(text);
    const access = { endpoint: sent, accessKeyId: sent, accessKeySecret: sent };
    const found = sdkCode(request(sent), access).find(({ name }) => name === language);
    return found ? [{ sent, code: found.code }] : [];
  });
}

function expectTexts(language: string, parse: ParseCode, numRuns: number, asText = (text: string) => text): void {
  const wrap = (code: string) => (language === 'Go' ? `package a\n\nfunc a() {\n${code}\n}\n` : code);
  const marked = parse(codesOf(language, MARK).map(({ code }) => wrap(code)));
  // A list leaves an empty parameter out, and a number is written as one.
  const texts = oddText.filter((text) => text !== '' && !/^\d+$/.test(text));
  fc.assert(
    fc.property(texts, (text) => {
      const codes = codesOf(language, text).filter(({ sent }) => sent !== '');
      const expected = codesOf(language, MARK).map(({ sent }, at) => ({
        nodes: marked[at]?.nodes,
        texts: marked[at]?.texts.map((literal) => literal.replaceAll(sent, () => asText(codes[at]?.sent ?? ''))),
      }));
      expect(parse(codes.map(({ code }) => wrap(code)))).toEqual(expected);
    }),
    { numRuns },
  );
}

describe('copied code', () => {
  it('is checked here for every operation that has some', () => {
    const access = { endpoint: 'e', accessKeyId: 'i', accessKeySecret: 's' };
    const withCode = OPERATIONS.map(({ name }) => name).filter((name) => sdkCode(kept(name, 'a'), access).length > 0);
    expect(Object.keys(CASES)).toEqual(expect.arrayContaining(withCode));
    for (const [name, { request, sent = (text: string) => text }] of Object.entries(CASES)) {
      expect(sdkCode(request(sent(MARK)), access), name).not.toEqual([]);
    }
  });

  it('for Node has the texts of the request', () => {
    expectTexts('Node', (programs) => programs.map(runRecorded), 100);
  });

  it.each(['%zz', '%00', '%ff'])('is none for a copy of /examplebucket/%s, which is no key', (source) => {
    const headers = new Map([['x-oss-copy-source', `/examplebucket/${source}`]]);
    const access = { endpoint: 'e', accessKeyId: 'i', accessKeySecret: 's' };
    expect(sdkCode(kept('CopyObject', 'a', { headers }), access)).toEqual([]);
  });

  it('writes digits as a number only where every language reads the same one', () => {
    const access = { endpoint: 'e', accessKeyId: 'i', accessKeySecret: 's' };
    const codes = sdkCode(kept('ListLiveChannel', '', queryOf({ live: '', 'max-keys': '010' })), access);
    expect(codes.map(({ name }) => name)).toEqual(['Node', 'Python']);
    expect(codes.map(({ code }) => code).join()).toMatch(/"max-keys": "010"[\s\S]*max_keys="010"/);
  });
});

describeWith(['python3'], 'copied code for Python', () => {
  it('has the texts of the request', () => expectTexts('Python', pythonParser(), 25), START_TIMEOUT_MS);
});

describeWith(['go'], 'copied code for Go', () => {
  it(
    'has the texts of the request',
    () => expectTexts('Go', goParser(), 50, (text) => text.toWellFormed()),
    START_TIMEOUT_MS,
  );
});

/** Runs code with an ali-oss that only notes what it is given: the texts, and how many values. */
function runRecorded(code: string): ParsedCode {
  const texts: string[] = [];
  let nodes = 0;
  const note = (value: unknown): void => {
    nodes++;
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) Object.entries(value).flat().forEach(note);
  };
  class Recorder {
    constructor(options: unknown) {
      note(options);
      const noteCall = (_target: object, call: string) =>
        call === 'then' ? undefined : (...given: readonly unknown[]) => note([call, ...given]);
      Object.setPrototypeOf(this, new Proxy({}, { get: (target, call) => noteCall(target, String(call)) }));
    }
  }
  new Function('OSS', code.replace('const result = await ', 'const result = '))(Recorder);
  return { texts, nodes };
}
