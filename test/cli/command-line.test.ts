import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { type GivenConfig, parseFlags, readConfig } from '../../src/cli/command-line.ts';
import { checkOperands } from '../../src/cli/commands/command.ts';
import { startCommand } from '../../src/cli/commands/start-command.ts';
import { flagsOf } from '../../src/cli/flags-of.ts';
import { defaultConfig } from '../../src/config/config.ts';

/** Reads the command line of `start`, as main.ts does. */
function readStart(argv: readonly string[], environment: NodeJS.ProcessEnv): GivenConfig {
  const { flags, positionals } = parseFlags(argv, flagsOf(startCommand));
  checkOperands(startCommand, positionals);
  return readConfig({ flags, environment, folder: tmpdir() });
}

describe('the command line of start', () => {
  it('gives the documented defaults', () => {
    const { config, given } = readStart([], {});
    expect(config).toEqual({
      host: 'localhost',
      port: 9000,
      rtmpPort: 1935,
      dataDir: './.oss-livechannel',
      memory: false,
      buckets: [{ name: 'examplebucket', acl: 'public-read' }],
      channels: ['test-channel'],
      accessKeyId: 'emulator-ak',
      accessKeySecret: 'emulator-secret',
      credentials: undefined,
      auth: 'strict',
      clockSkew: 'either',
      region: 'cn-hangzhou',
      domains: ['localhost', 'oss.localhost'],
      cnames: [],
      publicUrl: undefined,
      tls: false,
      tlsCert: undefined,
      tlsKey: undefined,
      segmenter: 'mpeg-ts',
      ffmpeg: undefined,
      idleTimeoutSec: 10,
      disableDelaySec: 10,
      liveDomains: [],
      liveRecordBucket: undefined,
      liveMaxSlices: 69_120,
      liveUtcOffsetMs: 0,
      liveAuthKeys: [],
      liveApps: [],
      webrtcPort: 9000,
      webrtcHosts: [],
      hlsGraceSec: 10,
      maxConnections: 4096,
      maxConnectionsPerAddress: 2048,
      proxyProtocol: [],
      drainTimeoutSec: 0,
      maxWaitSec: 5,
      maxPushWaitSec: 0.5,
      maxViewers: 50,
      seed: undefined,
      import: undefined,
      exportOnExit: undefined,
      webhook: undefined,
      outgoing: 'any',
      noAdmin: false,
      playlistExtensions: [],
      adminAnywhere: false,
      adminHosts: [],
      logLevel: 'info',
    });
    expect(given.size).toBe(0);
    expect(defaultConfig()).toEqual(config);
  });

  it.each([
    ['--live-app', 'app-1', 'liveApps', [{ appId: 'app-1', accessKeyId: undefined }]],
    ['--live-app', 'app-1=LTAI5t', 'liveApps', [{ appId: 'app-1', accessKeyId: 'LTAI5t' }]],
    ['--webrtc-host', '192.0.2.1', 'webrtcHosts', ['192.0.2.1']],
    ['--webrtc-port', '0', 'webrtcPort', 0],
    ['--max-viewers', '5', 'maxViewers', 5],
    ['--max-connections', '100', 'maxConnections', 100],
    ['--max-connections-per-address', '10', 'maxConnectionsPerAddress', 10],
    ['--max-wait', '0', 'maxWaitSec', 0],
    ['--max-wait', '0.5', 'maxWaitSec', 0.5],
    ['--max-push-wait', '0', 'maxPushWaitSec', 0],
    ['--hls-grace', '0', 'hlsGraceSec', 0],
    ['--hls-grace', '2.5', 'hlsGraceSec', 2.5],
  ] as const)('reads %s %s', (flag, text, name, value) => {
    expect(readStart([flag, text], {}).config[name]).toEqual(value);
  });

  it.each([
    ['--live-app', 'a b', 'ID or ID=ACCESS_KEY_ID'],
    ['--live-app', 'a=b=c', 'ID or ID=ACCESS_KEY_ID'],
    ['--webrtc-host', 'example.com', 'an IP address'],
    ['--max-viewers', '0', 'a whole number from 1 to 999999999'],
    ['--max-connections', '1.5', 'a whole number from 1 to 999999999'],
    ['--max-connections', '99999999999', 'a whole number from 1 to 999999999'],
    ['--max-wait', '1e9', 'a number of seconds from 0 to 1000000000, like 10 or 2.5'],
    ['--idle-timeout', '1000001', 'a number of seconds above 0, at most 1000000'],
    ['--max-wait', 'never', 'a number of seconds'],
    ['--hls-grace', '-1', 'a number of seconds'],
    ['--hls-grace', 'soon', 'a number of seconds'],
  ])('refuses %s %s', (flag, text, rule) => {
    expect(() => readStart([flag, text], {})).toThrow(rule);
  });

  it('takes flags before variables before defaults', () => {
    const environment = { OSS_LIVECHANNEL_PORT: '8000', OSS_LIVECHANNEL_REGION: 'oss-cn-beijing' };
    const { config, given } = readStart(['--port', '7000', '--memory'], environment);
    expect(config).toMatchObject({ port: 7000, region: 'cn-beijing', memory: true });
    expect(given).toEqual(new Set(['port', 'region', 'memory']));
  });

  it('takes a repeated flag, or a list in a variable', () => {
    const buckets = [
      { name: 'one', acl: 'private' },
      { name: 'two', acl: 'public-read-write' },
    ];
    expect(readStart(['--bucket', 'one', '--bucket=two:public-read-write'], {}).config.buckets).toEqual(buckets);
    expect(readStart([], { OSS_LIVECHANNEL_BUCKET: 'one, two:public-read-write' }).config.buckets).toEqual(buckets);
  });

  it.each([
    [['--prot', '1'], 'Unknown option --prot (did you mean --port?); see --help.'],
    [['--frobnicate'], 'Unknown option --frobnicate; see --help.'],
    [['--port'], '--port needs a value; see --help.'],
    [['--memory', '--data-dir', 'zz'], 'Give --memory or --data-dir, not both.'],
    [['--memory=yes'], '--memory takes no value but true or false; see --help.'],
    [['push'], 'Unknown argument "push"; see --help.'],
    [['--port', '70000'], '--port (OSS_LIVECHANNEL_PORT) must be a port, 0 to 65535, not "70000".'],
    [
      ['--playlist-extension', 'date'],
      '--playlist-extension (OSS_LIVECHANNEL_PLAYLIST_EXTENSION) must be one of discontinuity-sequence, not "date".',
    ],
    [['--segmenter', 'hls'], '--segmenter (OSS_LIVECHANNEL_SEGMENTER) must be one of mpeg-ts, ffmpeg, not "hls".'],
    [
      ['--bucket', 'B:public'],
      '--bucket (OSS_LIVECHANNEL_BUCKET) must be NAME or NAME:ACL, with 3 to 63 of a-z, 0-9 and -, and one of private, public-read, public-read-write, not "B:public".',
    ],
    [
      ['--live-utc-offset', '8'],
      '--live-utc-offset (OSS_LIVECHANNEL_LIVE_UTC_OFFSET) must be an offset like +08:00, not "8".',
    ],
    [
      ['--objects', 's3://id:secret@examplebucket/x?regoin=cn-hangzhou'],
      '--objects (OSS_LIVECHANNEL_OBJECTS) must be like s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1, or oss://....',
    ],
    [
      ['--objects', 's3://examplebucket/x?accessKeySecret=secret'],
      '--objects (OSS_LIVECHANNEL_OBJECTS) must be like s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1, or oss://....',
    ],
    [
      ['--objects', 's3//id:secret%40examplebucket'],
      '--objects (OSS_LIVECHANNEL_OBJECTS) must be like s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1, or oss://....',
    ],
    [
      ['--objects', 'examplebucket'],
      '--objects (OSS_LIVECHANNEL_OBJECTS) must be like s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1, or oss://..., not "examplebucket".',
    ],
    [
      ['--webhook', 'hooks.example.test/services/T0/secret'],
      '--webhook (OSS_LIVECHANNEL_WEBHOOK) must be an http or https URL.',
    ],
    [
      ['--webhook', 'htp://hooks.example.test?token=secret'],
      '--webhook (OSS_LIVECHANNEL_WEBHOOK) must be an http or https URL.',
    ],
    [
      ['--metadata', 'postgres:/user:secret'],
      '--metadata (OSS_LIVECHANNEL_METADATA) must be like postgres://user@host:5432/database.',
    ],
    [['postgres://user:secret@127.0.0.1/oss'], 'Unknown argument; see --help.'],
    [
      ['--node-url', 'http://user:secret@10.0.0.5:9000'],
      '--node-url (OSS_LIVECHANNEL_NODE_URL) must be an http URL of one address, like http://10.0.0.5:9000.',
    ],
    [
      ['--node-name', 'a b'],
      '--node-name (OSS_LIVECHANNEL_NODE_NAME) must be 1 to 64 of A-Z, a-z, 0-9, ., _ and -, not "a b".',
    ],
    [
      ['--node-url', 'http://0.0.0.0:9000'],
      '--node-url (OSS_LIVECHANNEL_NODE_URL) must be an http URL of one address, like http://10.0.0.5:9000, not "http://0.0.0.0:9000".',
    ],
    [['--live-auth-key', 'play.test'], '--live-auth-key (OSS_LIVECHANNEL_LIVE_AUTH_KEY) must be DOMAIN=KEY.'],
    [
      ['--live-max-slices', '0'],
      '--live-max-slices (OSS_LIVECHANNEL_LIVE_MAX_SLICES) must be a whole number from 1 to 999999999, not "0".',
    ],
  ])('refuses %j in one sentence', (argv, message) => {
    expect(() => readStart(argv, {})).toThrow(new UsageError(message));
  });

  it('names the variable that is wrong', () => {
    const refusal = '--host (OSS_LIVECHANNEL_HOST) must';
    expect(() => readStart([], { OSS_LIVECHANNEL_RTMP_PORT: 'x' })).toThrow('--rtmp-port (OSS_LIVECHANNEL_RTMP_PORT)');
    expect(() => readStart(['--host='], {})).toThrow(refusal);
  });

  it('reads the options of live streams', () => {
    const argv = [
      '--live-utc-offset',
      '-03:30',
      '--live-auth-key',
      'Play.Test=a=b',
      '--live-record-bucket',
      'recordings',
    ];
    const { config } = readStart(argv, { OSS_LIVECHANNEL_LIVE_DOMAIN: 'a.test' });
    expect(config).toMatchObject({
      liveUtcOffsetMs: -12_600_000,
      liveAuthKeys: [{ domain: 'play.test', key: 'a=b' }],
      liveRecordBucket: 'recordings',
      liveDomains: ['a.test'],
    });
  });
});
