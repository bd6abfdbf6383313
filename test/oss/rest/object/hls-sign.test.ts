import { describe, expect, it } from 'vitest';
import { element, refusal, signedQuery, startRestServer } from '../rest-server.ts';

const EXPIRES = 1_735_693_200;
const PLAYLIST = '#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:4.000,\n1735688405120.ts\n#EXT-X-ENDLIST\n';
const FRAGMENT = '/examplebucket/cam/1735688405120.ts';

async function startWithPlaylist(text: string) {
  const server = await startRestServer();
  const headers = { 'content-type': 'application/x-mpegURL' };
  await server.send('PUT', '/examplebucket/cam/live.m3u8', { body: text, headers });
  await server.send('PUT', FRAGMENT, { body: 'media' });
  return server;
}

function signedTarget(process = 'hls/sign', extra = ''): string {
  const target = `/examplebucket/cam/live.m3u8?x-oss-process=${encodeURIComponent(process)}${extra}`;
  return `${target}&${signedQuery(target, EXPIRES)}`;
}

describe('hls/sign', () => {
  it.each(['hls/sign', 'hls/sign,live_1'])('with %s makes a private playlist play whole', async (process) => {
    const { send } = await startWithPlaylist(PLAYLIST);
    const reply = await send('GET', signedTarget(process), { key: null });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/x-mpegURL');
    const query = signedQuery(FRAGMENT, EXPIRES);
    const parameters = Object.fromEntries(new URLSearchParams(query));
    const line = reply.text.split('\n')[3] ?? '';
    expect(line.startsWith('1735688405120.ts?')).toBe(true);
    expect(Object.fromEntries(new URLSearchParams(line.split('?')[1]))).toEqual(parameters);
    expect((await send('GET', `/examplebucket/cam/${line}`, { key: null })).text).toBe('media');
    expect(reply.text.replace(line, '1735688405120.ts')).toBe(PLAYLIST);
  });

  it('refuses callers without a signed URL', async () => {
    const { send } = await startWithPlaylist(PLAYLIST);
    const reply = await send('GET', '/examplebucket/cam/live.m3u8?x-oss-process=hls/sign');
    expect(refusal(reply)).toEqual({ status: 400, code: 'InvalidRequest', ec: '0044-00000410' });
  });

  it.each([
    ['#EXTM3U\n', '0044-00000408'],
    ['#EXTM3U\na.ts\nb.m3u8\n', '0044-00000409'],
  ])('refuses the playlist %j with %s', async (text, ec) => {
    const { send } = await startWithPlaylist(text);
    expect(refusal(await send('GET', signedTarget(), { key: null }))).toMatchObject({ status: 400, ec });
  });

  it.each([
    ['a'.repeat(101), '0044-00000401'],
    ['a b', '0044-00000402'],
  ])('refuses the token %s with %s', async (token, ec) => {
    const { send } = await startWithPlaylist(PLAYLIST);
    const reply = await send('GET', signedTarget('hls/sign', `&x-oss-hls-sign-token=${encodeURIComponent(token)}`), {
      key: null,
    });
    expect(refusal(reply)).toMatchObject({ status: 400, ec });
  });

  it('refuses other objects', async () => {
    const { send } = await startWithPlaylist(PLAYLIST);
    const target = `${FRAGMENT}?x-oss-process=hls%2Fsign`;
    const reply = await send('GET', `${target}&${signedQuery(target, EXPIRES)}`, { key: null });
    expect(refusal(reply)).toEqual({ status: 400, code: 'InvalidRequest', ec: '0044-00000403' });
    expect(element(reply, 'Message')).toBe('Playlist name must ends with ".m3u8".');
  });

  it('signs what an entry with ../ leads to', async () => {
    const { send } = await startWithPlaylist('#EXTM3U\n#EXTINF:4.000,\n../record/a%20b/1.ts\n');
    await send('PUT', '/examplebucket/record/a%20b/1.ts', { body: 'media' });
    const [, , line = ''] = (await send('GET', signedTarget(), { key: null })).text.split('\n');
    expect(line).toMatch(/^\.\.\/record\/a%20b\/1\.ts\?/);
    expect((await send('GET', `/examplebucket/${line.slice(3)}`, { key: null })).text).toBe('media');
  });

  it.each([
    'a.txt?response-content-type=x.ts',
    'a.txt%3Fresponse-content-type=x.ts',
    '../b.txt%3fversionId=a&response-content-language=.m3u8',
    '1735688405120.ts?part=.ts',
  ])('signs no entry whose signature would be that of another object: %s', async (entry) => {
    const nested = entry.endsWith('.m3u8') ? 'c.m3u8' : 'c.ts';
    const { send } = await startWithPlaylist(`#EXTM3U\n${nested}\n${entry}\n`);
    const [, signed, line] = (await send('GET', signedTarget(), { key: null })).text.split('\n');
    expect(signed).toContain('Signature=');
    expect(line).toBe(entry);
  });

  it('leaves entries alone that are not ours, and signs nested playlists', async () => {
    const { send } = await startWithPlaylist('#EXTM3U\nhttp://cdn.test/a.ts\n/b.ts\nlow.m3u8\r\n');
    const lines = (await send('GET', signedTarget(), { key: null })).text.split('\n');
    expect(lines.slice(1, 3)).toEqual(['http://cdn.test/a.ts', '/b.ts']);
    expect(lines[3]).toMatch(/^low\.m3u8\?Expires=\d+&OSSAccessKeyId=emulator-ak&Signature=/);
  });
});
