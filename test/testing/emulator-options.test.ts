import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { OPTIONS, type OptionSpec, optionNames } from '../../src/config/config.ts';
import { startEmulator, UsageError } from '../../src/index.ts';
import { readOptions, TEST_DEFAULTS } from '../../src/testing/emulator-options.ts';

/** May be given several times, and is the name of a protocol. */
const NO_PLURAL = ['proxyProtocol'];

/** The rule of docs/options.md. */
function fieldNames(name: string, { flag, repeatable = false }: OptionSpec<unknown>): readonly string[] {
  const camelCase = flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const words = camelCase.replace('Webrtc', 'webrtc');
  if (repeatable && !NO_PLURAL.includes(name)) return [`${words}s`];
  return [words, `${words}Sec`, `${words}Ms`];
}

describe('an option', () => {
  it.each(optionNames())('%s has one name for field, flag and variable', (name) => {
    const spec: OptionSpec<unknown> = OPTIONS[name];
    expect(fieldNames(name, spec)).toContain(name);
    expect(spec.variable).toBe(`OSS_LIVECHANNEL_${spec.flag.replaceAll('-', '_').toUpperCase()}`);
  });

  it('keeps the name that it had', async () => {
    expect(readOptions({ webRtcPort: 4_321, webRtcHosts: ['192.0.2.1'] }).config).toMatchObject({
      webrtcPort: 4_321,
      webrtcHosts: ['192.0.2.1'],
    });
    expect(readOptions({ webRtcPort: 1, webrtcPort: 2 }).config.webrtcPort).toBe(2);
    expect(readOptions({ webrtcPort: 2, webRtcPort: 1 }).config.webrtcPort).toBe(2);
    const wrong: object = { webRtcPort: 'x' };
    expect(() => readOptions(wrong)).toThrow('startEmulator: webrtcPort must be a number, not "x".');
    await using emulator = await startEmulator({ webRtcPort: 0, webRtcHosts: ['192.0.2.1'] });
    expect(emulator.port).toBeGreaterThan(0);
  });

  it.each([
    ['port', 'x', 'a number, not "x"'],
    ['port', Number.NaN, 'a port, 0 to 65535, not "NaN"'],
    ['port', 65_536, 'a port, 0 to 65535, not "65536"'],
    ['rtmpPort', 'none', 'a number or "off", not "none"'],
    ['memory', 'false', 'true or false, not "false"'],
    ['dataDir', 1, 'a text, not 1'],
    ['host', 5, 'a text, not 5'],
    ['auth', 'lose', 'one of strict, loose, off, not "lose"'],
    ['clockSkew', 'both', 'one of either, emulated, not "both"'],
    ['segmenter', 'gstreamer', 'one of mpeg-ts, ffmpeg, not "gstreamer"'],
    ['outgoing', 'all', 'one of any, loopback, off, not "all"'],
    ['logLevel', 'loud', 'one of silent, error, warn, info, debug, not "loud"'],
    ['region', 'cn hangzhou', 'a region like cn-hangzhou, not "cn hangzhou"'],
    ['publicUrl', 'nonsense', 'a URL like http://media.example.test:9000, not "nonsense"'],
    ['idleTimeoutSec', -1, 'a number of seconds above 0, at most 1000000, like 10 or 2.5, not "-1"'],
    ['hlsGraceSec', -1, 'a number of seconds from 0 to 1000000000, like 10 or 2.5, not "-1"'],
    ['maxViewers', 0, 'a whole number from 1 to 999999999, not "0"'],
    ['buckets', 'x', 'a list of texts or of { name, acl }, not "x"'],
    ['channels', 'x', 'a list of texts, not "x"'],
    ['liveUtcOffsetMs', 1, 'a text or milliseconds of whole minutes, not 1'],
    ['liveUtcOffsetMs', 15 * 3_600_000, 'an offset like +08:00, not "+15:00"'],
    ['seed', 5, 'a text (the path of a file) or an object, not 5'],
    ['seed', [], 'a text (the path of a file) or an object, not a list'],
    ['clock', {}, 'an object with the functions now, setTimeout, not an object'],
    ['log', console, 'an object with the functions error, warn, info, debug, with, not an object'],
  ])('%s: %j is refused in a sentence', async (name, value, expectation) => {
    const wrong: object = { [name]: value };
    await expect(startEmulator(wrong)).rejects.toThrow(
      new UsageError(`startEmulator: ${name} must be ${expectation}.`),
    );
  });

  it.each([
    ['region', '', 'startEmulator: region must be a region like cn-hangzhou, not "".'],
    ['host', '', 'startEmulator: host must not be empty, not "".'],
    ['cnames', [{ host: 'a' }], 'startEmulator: cnames[0] must be a text or { host, bucket }, not an object.'],
    ['cnames', ['a=media', 'b'], 'startEmulator: cnames[1] must be HOST=BUCKET, not "b".'],
    ['channels', ['a', 1], 'startEmulator: channels[1] must be a text, not 1.'],
    ['buckets', ['A'], /^startEmulator: buckets\[0\] must be NAME or NAME:ACL, .*, not "A"\.$/],
    ['buckets', [{ name: 'media', acl: 'x' }], /^startEmulator: buckets\[0\] must be .*, not "media:x"\.$/],
    ['liveApps', [{ appId: 'a b' }], /^startEmulator: liveApps\[0\] must be ID or .*, not "a b"\.$/],
    ['proxyProtocol', [[{ address: '10.0.0.0', prefixBits: 33 }]], /^startEmulator: proxyProtocol\[0\] must be /],
    ['liveAuthKeys', [{ domain: 'a=b', key: 'hidden' }], /^startEmulator: liveAuthKeys\[0\] must be [^h]*\.$/],
  ])('%s: %j is refused by the name of the item', (name, value, message) => {
    const wrong: object = { [name]: value };
    expect(() => readOptions(wrong)).toThrow(UsageError);
    expect(() => readOptions(wrong)).toThrow(message);
  });

  it.each(optionNames())('%s takes no value of another type, and no secret is repeated', (name) => {
    const spec: OptionSpec<unknown> = OPTIONS[name];
    const isText = !spec.repeatable && spec.kind !== 'switch' && spec.kind !== 'number';
    const wrong = [null, {}, [[]], [null], () => 'x', 7n, Symbol('x'), isText ? 5.5 : 'hunter2', ['hunter2', {}]];
    for (const value of wrong) {
      const options: object = { [name]: value };
      const read = () => readOptions(options);
      // A seed may be a document.
      if (name === 'seed' && value !== null && typeof value === 'object' && !Array.isArray(value)) continue;
      expect(read, String(typeof value)).toThrow(UsageError);
      expect(read).toThrow(new RegExp(`^startEmulator: ${name}(\\[\\d\\])? must .*\\.$`));
      if (spec.isSecret) expect(read).not.toThrow(/hunter2/);
    }
  });

  it.each(optionNames())('%s takes its default, and undefined for it', (name) => {
    const { defaults, kind, repeatable, parse }: OptionSpec<unknown> = OPTIONS[name];
    const values = defaults.map((text) => (kind === 'number' ? Number(text) : text));
    const options: object = { [name]: repeatable ? values : values[0] };
    const undefinedOne: object = { [name]: undefined };
    if (defaults.length > 0) expect(readOptions(options).config[name]).toEqual(parse(defaults));
    expect(readOptions(undefinedOne).config).toEqual(readOptions({}).config);
  });

  it.each([
    ['rtmpPort', 'off', undefined],
    ['liveUtcOffsetMs', '+08:00', 28_800_000],
    ['liveUtcOffsetMs', 28_800_000, 28_800_000],
    ['liveUtcOffsetMs', -12_600_000, -12_600_000],
    ['liveUtcOffsetMs', 0, 0],
    [
      'buckets',
      ['a-a:private', { name: 'b-b', acl: 'public-read' }],
      [
        { name: 'a-a', acl: 'private' },
        { name: 'b-b', acl: 'public-read' },
      ],
    ],
    [
      'cnames',
      [{ host: 'a.test', bucket: 'media' }, 'b.test=media'],
      [
        { host: 'a.test', bucket: 'media' },
        { host: 'b.test', bucket: 'media' },
      ],
    ],
    [
      'liveAuthKeys',
      [{ domain: '*', key: 'a=b' }, 'c=d'],
      [
        { domain: '*', key: 'a=b' },
        { domain: 'c', key: 'd' },
      ],
    ],
    [
      'liveApps',
      [{ appId: 'a', accessKeyId: 'LTAI' }, { appId: 'b', accessKeyId: undefined }, 'c'],
      [
        { appId: 'a', accessKeyId: 'LTAI' },
        { appId: 'b', accessKeyId: undefined },
        { appId: 'c', accessKeyId: undefined },
      ],
    ],
    [
      'proxyProtocol',
      [[{ address: 'fd00::', prefixBits: 8 }], '10.0.0.0/8'],
      [[{ address: 'fd00::', prefixBits: 8 }], [{ address: '10.0.0.0', prefixBits: 8 }]],
    ],
  ] as const)('%s takes %j', (name, value, expected) => {
    const options: object = { [name]: value };
    expect(readOptions(options).config[name]).toEqual(expected);
  });

  it('that another one would make useless is refused', () => {
    expect(() => readOptions({ memory: true, dataDir: 'x' })).toThrow(
      new UsageError('startEmulator: give memory or dataDir, not both.'),
    );
    expect(() => readOptions({ log: silentLog, logLevel: 'info' })).toThrow(
      new UsageError('startEmulator: give log or logLevel, not both.'),
    );
    expect(readOptions({ dataDir: 'x' }).config).toMatchObject({ memory: false, dataDir: 'x' });
    expect(readOptions({ memory: false, dataDir: 'x' }).config).toMatchObject({ memory: false, dataDir: 'x' });
  });

  it('makes options an object', async () => {
    for (const [value, shown] of [
      [null, 'null'],
      ['x', '"x"'],
      [5, '5'],
      [[], 'a list'],
    ] as const) {
      const wrong: unknown = value;
      // The cast: a caller without types.
      await expect(startEmulator(wrong as object)).rejects.toThrow(
        new UsageError(`startEmulator: options must be an object, not ${shown}.`),
      );
    }
  });

  it('has a default of its own in the library where the table of docs/options.md says so', () => {
    expect(readOptions({}).config).toEqual({
      memory: true,
      port: 0,
      rtmpPort: undefined,
      webrtcPort: 0,
      logLevel: 'silent',
    });
    expect(Object.keys(TEST_DEFAULTS).toSorted()).toEqual(Object.keys(readOptions({}).config).toSorted());
  });

  it('logLevel makes a log on stderr, which is silent by default', async () => {
    const written: string[] = [];
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    onTestFinished(() => write.mockRestore());
    for (const options of [{}, { logLevel: 'error' }, { logLevel: 'info' }] as const) {
      await using emulator = await startEmulator(options);
      expect((await fetch(`${emulator.endpoint}/nothing/here`)).status).toBe(404);
      const isLogged = 'logLevel' in options && options.logLevel === 'info';
      expect(written.join('')).toMatch(isLogged ? /^\S+Z info {2}request .* status=404 .*\n$/m : /^$/);
    }
  });

  it('that is misspelt is never answered with a name that it had', async () => {
    const misspelt: object = { webRtcPorts: 0 };
    await expect(startEmulator(misspelt)).rejects.toThrow('did you mean "webrtcPort"?');
  });
});
