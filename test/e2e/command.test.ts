import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createClient } from '../support/emulator.ts';
import { listenDuringTest } from '../support/listen.ts';
import { describeWith } from '../support/tools.ts';
import { startCommand, startServing, temporaryFolder } from './command.ts';
import { before, readClip } from './flv-tags.ts';
import { publishAsPeer } from './peers.ts';
import { fetchPlaylist, type Playlist } from './playlists.ts';
import { decodeComplaints } from './recordings.ts';

const CLIP = readClip('h264-aac');

// Every start compiles the sources again, which takes ten seconds on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

/** A port that something else listens on. */
function takePort(): Promise<number> {
  return listenDuringTest(createServer());
}

describe('the command', () => {
  it('ends with 2 and one sentence when it is given what it does not know', async () => {
    const { exited, lines } = startCommand('--prot', '9000');
    expect(await exited).toBe(2);
    expect(lines).toEqual(['Unknown option --prot (did you mean --port?); see --help.']);
  });

  it('ends with 2 and one sentence when its port is taken', async () => {
    const port = await takePort();
    const { exited, lines } = startCommand('--memory', '--host', '127.0.0.1', '--port', String(port));
    expect(await exited).toBe(2);
    expect(lines).toEqual([`Port ${port} is taken; stop what listens there or choose another port.`]);
  });

  it('ends with 2 when an RTMP port that was asked for is taken', async () => {
    const port = await takePort();
    const options = ['--memory', '--host', '127.0.0.1', '--port', '0', '--rtmp-port', String(port)];
    const { exited, lines } = startCommand(...options);
    expect(await exited).toBe(2);
    expect(lines).toEqual([`Port ${port} is taken; stop what listens there or choose another port.`]);
  });

  it('goes on with a warning when only the RTMP port it would take by itself is taken', async () => {
    // If another program already listens on 1935, the test works too.
    const server = createServer().listen(1935, '127.0.0.1');
    await Promise.race([once(server, 'listening'), once(server, 'error')]);
    onTestFinished(() => void server.close());
    const { port, line, child, exited } = await startServing('--memory', '--host', '127.0.0.1');
    await line(/rtmp\.port-taken port=1935 advice="the main port speaks RTMP too"/);
    await line(new RegExp(`^ {2}RTMP {8}port ${port}$`));
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  });
});

describeWith(['ffmpeg'], 'a command that is told to end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s stores and lists the open fragment, and ends with 0',
    async (signal) => {
      const dataDir = await temporaryFolder();
      const first = await startServing('--data-dir', dataDir, '--rtmp-port', 'off');
      const peer = await publishAsPeer(rtmpUrl(first.port));
      await peer.send(before(CLIP, 7000));
      first.child.kill(signal);
      expect(await peer.publisher.closed).toMatchObject({ code: 'NetConnection.Connect.AppShutdown' });
      expect(await first.exited).toBe(0);

      const { port } = await startServing('--data-dir', dataDir, '--rtmp-port', 'off');
      const { fragments, ended } = await fetchPlaylist(playUrl(port));
      expect([fragments.map(({ durationSec }) => durationSec), ended]).toEqual([[6, 1], false]);
      await expectWhole(port, { fragments });
      expect(await historyOf(port)).toMatchObject([{ RemoteAddr: peer.address }]);
    },
  );

  it('twice ends at once', async () => {
    const { child, line, exited, port } = await startServing('--memory', '--rtmp-port', 'off');
    // A player that stops reading delays the end after the first signal.
    await createClient(port).put('film', Buffer.alloc(32 * 1024 * 1024));
    const player = connect(port, '127.0.0.1');
    onTestFinished(() => void player.destroy());
    player.write('GET /examplebucket/film HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(player, 'readable');
    child.kill('SIGTERM');
    await line(/stopping signal=SIGTERM/);
    child.kill('SIGTERM');
    expect(await exited).toBe(1);
  });
});

describeWith(['ffmpeg'], 'a command that was killed during a push', () => {
  it.each(['mpeg-ts', 'ffmpeg'])('left nothing listed that is not whole (%s)', async (segmenter) => {
    const dataDir = await temporaryFolder();
    const options = ['--data-dir', dataDir, '--rtmp-port', 'off', '--segmenter', segmenter];
    const first = await startServing(...options);
    const peer = await publishAsPeer(rtmpUrl(first.port));
    await peer.send(CLIP);
    // Storing runs in the background of the push.
    await fetch(`http://127.0.0.1:${first.port}/_emulator/events?type=playlist.written&waitMs=60000`);
    const listed = await fetchPlaylist(playUrl(first.port));
    first.child.kill('SIGKILL');
    await first.exited;

    const second = await startServing(...options);
    await second.line(/session\.recovered/);
    const recovered = await fetchPlaylist(playUrl(second.port));
    expect(recovered.fragments.length).toBeGreaterThanOrEqual(listed.fragments.length);
    await expectWhole(second.port, recovered);
    expect(await historyOf(second.port)).toMatchObject([{ RemoteAddr: peer.address }]);

    const next = await publishAsPeer(rtmpUrl(second.port));
    await next.send(before(CLIP, 7000));
    await next.publisher.unpublish();
    await second.line(/publish\.ended/);
    const continued = await fetchPlaylist(playUrl(second.port));
    const sequenceEnd = ({ mediaSequence, fragments }: Playlist) => mediaSequence + fragments.length;
    expect(sequenceEnd(continued)).toBe(sequenceEnd(recovered) + 2);
    const breaks = continued.fragments.slice(-2).map(({ discontinuity }) => discontinuity);
    expect(breaks).toEqual([true, false]);
    await expectWhole(second.port, continued);
  });
});

function rtmpUrl(port: number): string {
  return `rtmp://127.0.0.1:${port}/examplebucket/live/test-channel`;
}

function folderUrl(port: number): string {
  return `http://127.0.0.1:${port}/examplebucket/test-channel`;
}

function playUrl(port: number): string {
  return `${folderUrl(port)}/playlist.m3u8`;
}

async function historyOf(port: number): Promise<unknown> {
  return Object(await createClient(port).getChannelHistory('test-channel')).records;
}

async function expectWhole(port: number, { fragments }: Pick<Playlist, 'fragments'>): Promise<void> {
  for (const { name } of fragments) expect(await decodeComplaints(`${folderUrl(port)}/${name}`)).toBe('');
}
