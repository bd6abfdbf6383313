import { Icon } from '../parts/icon.tsx';
import { useAnswer, useConsole } from '../state/context.ts';

const DURATION_SEC = 600;

export interface TestPushProps {
  /** Of a stream, or of a user of a room. */
  readonly url: string;
  /** Nobody pushes there. */
  readonly isFree: boolean;
}

/** Pushes the emulator's own clip to an address, or ends that push; for those who have no encoder at hand. */
export function TestPush({ url, isFree }: TestPushProps) {
  const { api, notice } = useConsole();
  const answer = useAnswer(`${url} ${isFree}`, () => api.publishes(), [
    ...(['live.published', 'live.ended', 'room.joined', 'room.left'] as const),
  ]);
  const running = answer?.publishes.find(
    ({ request, state }) => state === 'running' && request.url !== undefined && placeOf(request.url) === placeOf(url),
  );
  if (running) {
    return (
      <button type="button" onClick={() => notice.attempt(async () => void (await api.stopPublish(running.id)))}>
        End the test picture
      </button>
    );
  }
  if (!isFree) return null;
  const begin = async () => {
    await api.publish({ url, durationSec: DURATION_SEC });
  };
  return (
    <button type="button" class="primary" onClick={() => notice.attempt(begin)}>
      <Icon name="play" /> Push a test picture
    </button>
  );
}

/** Signatures are made anew. */
function placeOf(url: string): string {
  return url.replace(/auth_key=[^&]*/, '');
}
