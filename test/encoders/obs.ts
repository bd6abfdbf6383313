/** OBS Studio without a screen: an X server in memory, a software renderer, and a profile like that of a user. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type EncoderProcess, startEncoder } from './encoder.ts';

/** First start and migration dialogs would wait for a click. The names are those of OBS 29. */
const GLOBAL_INI = `[General]
FirstRun=true
EnableAutoUpdates=false
Pre19Defaults=false
Pre21Defaults=false
Pre23Defaults=false
Pre24.1Defaults=false

[Basic]
Profile=Untitled
ProfileDir=Untitled
SceneCollection=Untitled
SceneCollectionFile=Untitled

[OBSWebSocket]
FirstLoad=false
ServerEnabled=false
`;

/** A small picture, a key frame every second, and reconnecting, which is on by default, but after a shorter time. */
const PROFILE_INI = `[General]
Name=Untitled

[Video]
BaseCX=320
BaseCY=180
OutputCX=320
OutputCY=180
FPSType=0
FPSCommon=30

[Audio]
SampleRate=48000

[Output]
Mode=Simple
Reconnect=true
RetryDelay=1
MaxRetries=5

[SimpleOutput]
StreamEncoder=x264
UseAdvanced=true
Preset=ultrafast
x264Settings=keyint=30
VBitrate=400
ABitrate=96
`;

/** X chooses the display number, because tests run at the same time. */
async function startDisplay(): Promise<string> {
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '640x480x24', '+extension', 'GLX'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void server.kill('SIGKILL'));
  const [number] = await once(server.stdout.setEncoding('utf8'), 'data');
  return `:${String(number).trim()}`;
}

async function writeProfile(home: string, server: string, key: string): Promise<void> {
  const settings = join(home, '.config/obs-studio');
  const profile = join(settings, 'basic/profiles/Untitled');
  const scenes = join(settings, 'basic/scenes');
  await mkdir(profile, { recursive: true });
  await mkdir(scenes, { recursive: true });
  await writeFile(join(settings, 'global.ini'), GLOBAL_INI);
  await writeFile(join(profile, 'basic.ini'), PROFILE_INI);
  const service = { type: 'rtmp_custom', settings: { server, key, use_auth: false } };
  await writeFile(join(profile, 'service.json'), JSON.stringify(service));
  // Without a scene collection OBS does not start to stream. An empty one is a black scene with silence.
  await writeFile(join(scenes, 'Untitled.json'), '{}');
}

/** Streams to a publish URL, split as its user pastes it: everything up to the last slash is the server. */
export async function startObs(url: string): Promise<EncoderProcess> {
  const home = await mkdtemp(join(tmpdir(), 'obs-'));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const slash = url.lastIndexOf('/');
  await writeProfile(home, url.slice(0, slash), url.slice(slash + 1));
  const runtime = join(home, 'runtime');
  await mkdir(runtime);
  await chmod(runtime, 0o700);
  return startEncoder('obs', ['--startstreaming', '--disable-updater', '--multi', '--verbose'], {
    PATH: process.env.PATH,
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    LANG: 'C.UTF-8',
    DISPLAY: await startDisplay(),
    LIBGL_ALWAYS_SOFTWARE: '1',
    QT_QPA_PLATFORM: 'xcb',
  });
}
