import { describe, expect, it, onTestFinished } from 'vitest';
import { signRtmpUrl } from '../../src/aliyun/auth/rtmp-url.ts';
import { RtmpPublisher, RtmpRefusedError } from '../../src/rtmp/client.ts';
import { channelConfig, startTestEmulator } from '../support/emulator.ts';
import { withOtherSignature } from '../support/other-signature.ts';

const KEY = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
const BUCKETS = [
  { name: 'closed', acl: 'private' },
  { name: 'other', acl: 'private' },
  { name: 'writable', acl: 'public-read-write' },
] as const;
const HOUR_SEC = 3600;

async function start() {
  const { emulator, port, client } = await startTestEmulator({ buckets: BUCKETS, channels: [] });
  for (const [bucket, channel] of [
    ['closed', 'cam-left'],
    ['closed', 'cam-back'],
    ['other', 'cam-left'],
    ['writable', 'studio'],
  ] as const) {
    client.useBucket(bucket);
    await client.putChannel(channel, channelConfig());
  }
  /** Publishes `path`, and resolves to the description of the refusal, or to `accepted`. */
  const push = async (path: string) => {
    try {
      const publisher = await RtmpPublisher.publish(`rtmp://127.0.0.1:${port}/${path}`);
      onTestFinished(() => publisher.destroy());
      return 'accepted';
    } catch (error) {
      return error instanceof RtmpRefusedError ? error.description : String(error);
    }
  };
  return { push, events: emulator.events };
}

const nowSec = () => Math.floor(Date.now() / 1000);

/** Path and query for a channel of `closed`, as SDKs sign them. */
function signed(channel = 'cam-left', bucket = 'closed', expiresSec = nowSec() + HOUR_SEC, key = KEY): string {
  return `${bucket}/live/${channel}?${signRtmpUrl({ bucket, channel }, key, expiresSec, { playlistName: 'playlist.m3u8' })}`;
}

/** With the signature last, as Python writes it. */
function signatureLast(): string {
  const [path, query = ''] = signed().split('?');
  const pairs = query.split('&').sort((a, b) => Number(a.startsWith('Signature')) - Number(b.startsWith('Signature')));
  return `${path}?${pairs.join('&')}`;
}

describe('a refused publisher is told', () => {
  it.each<[string, () => string, RegExp]>([
    [
      'that the channel is another one',
      () => signed().replace('cam-left?', 'cam-back?'),
      /^SignatureDoesNotMatch 0002-00000807: The URL was signed for the channel "cam-left", not for "cam-back"\.$/,
    ],
    [
      'that the channel of the URL does not exist',
      () => signed().replace('cam-left?', 'cam-lfet?'),
      /^SignatureDoesNotMatch 0002-00000807: The URL was signed for the channel "cam-left", not for "cam-lfet"\.$/,
    ],
    [
      'that the bucket is another one',
      () => signed().replace('closed/', 'other/'),
      /^SignatureDoesNotMatch 0002-00000807: The URL was signed for the bucket "closed", not for "other"\.$/,
    ],
    [
      'that the bucket of the URL does not exist',
      () => signed().replace('closed/', 'close/'),
      /^SignatureDoesNotMatch 0002-00000807: The URL was signed for the bucket "closed", not for "close"\.$/,
    ],
    [
      'which channel exists',
      () => signed('cam-lefft'),
      /NoSuchLiveChannel 0026-00000021.*Did you mean the channel "cam-left"\?/,
    ],
    [
      'which bucket exists',
      () => signed('cam-left', 'closde'),
      /NoSuchBucket 0015-00000101.*Did you mean the bucket "closed"\?/,
    ],
    [
      'which channel exists, where everybody may write',
      () => 'writable/live/stduio',
      /Did you mean the channel "studio"\?/,
    ],
    [
      'of a channel without its bucket',
      () => signed().replace('closed/live/cam-left', 'live/cam-right'),
      /NoSuchLiveChannel.*signed for the channel "cam-left"/,
    ],
    ['of a slash at the end', () => `${signatureLast()}/`, /a slash behind the signature/],
    ['of a slash behind the playlist', () => `${signed()}/`, /a slash behind playlistName/],
    ['of a quote at the end', () => `${signed()}"`, /a quote behind playlistName/],
    ['of a typographic quote', () => `${signatureLast()}\u201d`, /a quote behind the signature/],
    [
      'of quotes at both ends',
      () => `${signed().replace('cam-', '\u201ccam-')}\u201d`,
      /a quote before the channel name and a quote behind playlistName/,
    ],
    ['of a blank at the end', () => `${signatureLast()} `, /a blank behind the signature/],
    ['of a blank at the beginning', () => signed().replace('cam-', ' cam-'), /a blank before the channel name/],
    [
      'of an invisible character',
      () => signed().replace('cam-left', 'cam-left\u200b'),
      /a blank behind the channel name/,
    ],
    ['of a quote before the bucket', () => `'${signed()}`, /a quote before the bucket name/],
    ['of an extension', () => signed().replace('cam-left?', 'cam-left.m3u8?'), /"\.m3u8" behind the channel name/],
    ['of capital letters', () => signed().replace('cam-left?', 'Cam-Left?'), /capital letters/],
    [
      'of capital letters in the bucket name',
      () => signed().replace('closed/', 'Closed/'),
      /bucket name has capital letters in the URL, and was signed without/,
    ],
    [
      'of a blank that became a plus',
      () => signed('cam left').replace(/cam(?:%20| )left/, 'cam+left'),
      /became a "\+"/,
    ],
    ['of &amp;', () => signed().replaceAll('&', '&amp;'), /"&amp;" in place of "&"/],
    ['of one &amp;', () => signed().replace('&playlistName', '&amp;playlistName'), /"&amp;" in place of "&"/],
    ['of a shell', () => signed().replace(/&.*/, ''), /Expires is missing.*Only OSSAccessKeyId arrived/],
    [
      'of a shell, with another order',
      () => 'closed/live/cam-left?playlistName=playlist.m3u8',
      /Only playlistName arrived/,
    ],
    ['of a missing Expires', () => signed().replace(/&Expires=\d+/, ''), /0002-00000803: Expires is missing/],
    ['of a missing Signature', () => signed().replace(/&Signature=[^&]+/, ''), /0002-00000806: Signature is missing/],
    [
      'of a missing signature',
      () => 'closed/live/cam-left',
      /0002-00000801: OSSAccessKeyId is missing\. The URL is not signed/,
    ],
    [
      'of a parameter in other letters',
      () => signed().replace('Expires', 'expires'),
      /"expires" in place of "Expires"/,
    ],
    ['of & for ?', () => signed().replace('?', '&'), /followed by "&" in place of "\?"/],
    ['of an encoded ?', () => signed().replace('?', '%3F'), /"\?" behind the channel name is percent-encoded/],
    ['of an encoded &', () => signed().replaceAll('&', '%26'), /"&" between the parameters is percent-encoded/],
    ['of ; for &', () => signed().replaceAll('&', ';'), /separated by ";" in place of "&"/],
    ['of a second ?', () => signed().replaceAll('&', '?'), /separated by "\?" in place of "&"/],
    [
      'of a signature that was cut off',
      () => signatureLast().replace(/.{6}$/, ''),
      /signature has \d+ characters and not 28: it was cut off/,
    ],
    [
      'of a lost live',
      () => signed().replace('/live/', '/'),
      /InvalidArgument: .*signed for a channel.*"\/live\/" is missing before the channel name/,
    ],
    ['of a query that was encoded twice', () => signed().replaceAll('%', '%25'), /percent-encoded twice/],
    [
      'of a lost playlistName',
      () => signed().replace(/&playlistName=[^&]+/, ''),
      /playlistName=playlist\.m3u8 was signed, and is missing/,
    ],
    [
      'of another playlistName',
      () => signed().replace('playlist.m3u8', 'another.m3u8'),
      /was signed, and has another value/,
    ],
    ['of Expires in milliseconds', () => signed().replace(/Expires=\d+/, '$&000'), /Expires is in milliseconds/],
    [
      'of an Expires with a fraction',
      () => signed().replace(/Expires=\d+/, '$&.5'),
      /804: Expires is not an integer.*whole seconds since 1970/,
    ],
    ['of a quote behind Expires', () => signed().replace(/Expires=\d+/, '$&"'), /There is a quote behind Expires/],
    [
      'of a duration in Expires',
      () => signed('cam-left', 'closed', HOUR_SEC),
      /AccessDenied 0002-00000805.*Expires is 3600: .* not a duration/,
    ],
    [
      'how late it is',
      () => signed('cam-left', 'closed', nowSec() - 7265),
      /AccessDenied 0002-00000805.*: 2 h 1 min too late/,
    ],
    [
      'of another secret',
      () => signed('cam-left', 'closed', nowSec() + HOUR_SEC, { ...KEY, accessKeySecret: 'no' }),
      /secret is not that of emulator-ak/,
    ],
    [
      'of the key of another account',
      () => signed('cam-left', 'closed', nowSec() + HOUR_SEC, { accessKeyId: 'LTAI', accessKeySecret: 'no' }),
      /902: .*misspelt, or the key of another account/,
    ],
    [
      'of a misspelt AccessKeyId',
      () => signed().replace('emulator-ak', 'emulator-aq'),
      /signature is that of emulator-ak: OSSAccessKeyId is wrong/,
    ],
    [
      'of a bucket that was exchanged for the channel',
      () => signed().replace('closed/live/cam-left', 'cam-left/live/closed'),
      /exchanged|signed for the/,
    ],
  ])('%s', async (_, url, expected) => {
    const { push } = await start();
    expect(await push(url())).toMatch(expected);
  });

  it('what the log says too, in the words of the refusal', async () => {
    const { push, events } = await start();
    const refused = events.waitFor('publish.refused');
    await push('writable/live/stduio');
    expect((await refused).reason).toBe(
      'The specified live channel does not exist. Did you mean the channel "studio"?',
    );
  });

  it('no names without the right to see them', async () => {
    const { push } = await start();
    const guesses = [
      'closed/live/cam-lefft',
      'closde/live/cam-left',
      'live/cam-lefft',
      signed('cam-lefft', 'closed', nowSec() + HOUR_SEC, { ...KEY, accessKeySecret: 'guessed' }),
      signed('cam-lefft', 'closed', nowSec() - 1),
      withOtherSignature(signed('cam-lefft').replace('emulator-ak', 'nobody')),
    ];
    for (const guess of guesses) {
      const description = await push(guess);
      expect(description).not.toMatch(/accepted|cam-left"|cam-back|"closed"|emulator-secret/);
    }
  });

  it('nothing of a signature that would be valid', async () => {
    const { push } = await start();
    const url = signed();
    const signature = decodeURIComponent(/Signature=([^&]+)/.exec(url)?.[1] ?? '');
    const description = await push(url.replace(/Signature=[^&]+/, 'Signature=x'));
    expect(description).toContain('SignatureDoesNotMatch');
    expect(description).not.toContain(signature);
  });
});

describe('a name that was percent-encoded twice', () => {
  it('is accepted with the signature of the channel', async () => {
    const { push } = await start();
    const query = signRtmpUrl({ bucket: 'closed', channel: 'cam-left' }, KEY, nowSec() + HOUR_SEC);
    expect(await push(`closed/live/cam%252Dleft?${query}`)).toBe('accepted');
  });
});
