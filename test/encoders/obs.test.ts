import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { launchChromium, openViewerPage } from '../../scripts/support/chromium.ts';
import { startEmulator } from '../../src/index.ts';
import { describeWith } from '../support/tools.ts';
import { expectPush, openEncoderStudio, REFUSALS, watchRefusals } from './encoder.ts';
import { startObs } from './obs.ts';

/** It starts slowly where it renders in software on a busy machine. */
const TIMEOUT_MS = 60_000;

describeWith(['obs', 'Xvfb', 'ffmpeg'], 'OBS Studio', () => {
  it('pushes, is live, plays, and ends up in the history', { timeout: TIMEOUT_MS }, async () => {
    const expected = {
      Video: { Width: '320', Height: '180', FrameRate: '30', Codec: 'H264' },
      Audio: { SampleRate: '48000', Codec: 'AAC' },
    };
    await expectPush({ start: startObs, stopSignal: 'SIGTERM', expected });
  });

  it.each(REFUSALS.map((refusal) => [refusal.name, refusal] as const))(
    'refused for %s shows it and does not try again',
    { timeout: TIMEOUT_MS },
    async (_, refusal) => {
      const studio = await openEncoderStudio();
      const refusals = watchRefusals(studio);
      const obs = await startObs(await refusal.arrange(studio));
      // It logs this when it does not try again. When it will try again, it logs "Reconnecting".
      const said = await obs.line(/Streaming Stop|Reconnecting/);
      expect(said).toMatch(/Streaming Stop/);
      obs.child.kill('SIGKILL');
      expect((await obs.done).said).toMatch(refusal.description);
      expect((await refusals.first).description).toMatch(refusal.description);
      expect(refusals.count()).toBe(1);
    },
  );
});

describeWith(['obs'], 'the dialog of OBS Studio', () => {
  it('says what the guide says that it does', async () => {
    const [texts, guide] = await Promise.all([
      readFile('/usr/share/obs/obs-studio/locale/en-US.ini', 'utf8'),
      readFile(fileURLToPath(new URL('../../docs/guides/obs.md', import.meta.url)), 'utf8'),
    ]);
    const [, sentence = ''] = /^Output\.ConnectFail\.InvalidStream="(.*)"/m.exec(texts) ?? [];
    expect(sentence).not.toBe('');
    expect(guide.replaceAll(/\n> /g, ' ')).toContain(sentence);
  });
});

describeWith(['obs', 'Xvfb', 'chromium'], 'OBS Studio in a room', () => {
  it('is there, and is seen in a browser', { timeout: TIMEOUT_MS }, async () => {
    await using emulator = await startEmulator();
    const { rtmpAddress, whep } = emulator.roomAddress({ appId: 'app', channelId: 'room', userId: 'obs' });
    const joined = emulator.events.waitFor('room.joined');
    const left = emulator.events.waitFor('room.left');
    const { child, done } = await startObs(rtmpAddress);
    await Promise.race([joined, done.then(({ said }) => expect.fail(`OBS ended too early:\n${said}`))]);
    const browser = await launchChromium();
    onTestFinished(() => browser.close());
    const viewer = await openViewerPage(browser, `${emulator.endpoint}/_emulator/health`);
    expect(await viewer.playWhep(whep)).toMatchObject({ status: 201 });
    const seen = await viewer.waitUntil(({ framesDecoded }) => framesDecoded > 30);
    expect(seen).toMatchObject({ widthPx: 320, heightPx: 180 });
    child.kill('SIGTERM');
    expect(await left).toMatchObject({ userId: 'obs', role: 'publisher' });
    await done;
  });
});
