import type { Channel } from '../control-api.ts';
import { Icon } from '../parts/icon.tsx';
import { useAnswer, useConsole } from '../state/context.ts';

const DURATION_SEC = 600;

/** Pushes the emulator's own clip, or ends that push; for those who have no encoder at hand. */
export function TestPicture({ channel: { bucket, name, state } }: { readonly channel: Channel }) {
  const { api, notice } = useConsole();
  const answer = useAnswer(`${bucket}/${name} ${state}`, () => api.publishes(), ['publish.accepted', 'publish.ended']);
  const running = answer?.publishes.find(
    (publish) => publish.bucket === bucket && publish.channel === name && publish.state === 'running',
  );
  if (running) {
    return (
      <button type="button" onClick={() => notice.attempt(async () => void (await api.stopPublish(running.id)))}>
        End the test picture
      </button>
    );
  }
  if (state !== 'idle') return null;
  const begin = async () => {
    await api.publish({ bucket, channel: name, durationSec: DURATION_SEC });
  };
  return (
    <button type="button" class="primary" onClick={() => notice.attempt(begin)}>
      <Icon name="play" /> Push a test picture
    </button>
  );
}
