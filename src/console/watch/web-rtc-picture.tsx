import { useEffect, useRef, useState } from 'preact/hooks';
import { useConsole } from '../state/context.ts';
import { PlayerStats } from './player.tsx';
import { type WatchState, watchByWhep } from './whep.ts';

export interface WebRtcPictureProps {
  /** Takes the WHEP offer. */
  readonly url: string;
  /** Of the push; each push needs its own connection. */
  readonly sessionId: string;
  /** Says what is shown, for screen readers. */
  readonly label: string;
}

/** A stream over WebRTC. It begins without sound, because browsers forbid sound before the first click. */
export function WebRtcPicture({ url, sessionId, label }: WebRtcPictureProps) {
  const { contact } = useConsole();
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<WatchState>({ is: 'connecting' });
  const [muted, setMuted] = useState(true);
  const [attempt, setAttempt] = useState(1);
  useEffect(
    () => (video.current ? watchByWhep(onHostOfPage(url), video.current, contact, setState) : undefined),
    [url, sessionId, attempt],
  );
  return (
    <div class="player live-picture">
      <video ref={video} aria-label={label} muted={muted} autoPlay playsInline />
      <Problem state={state} />
      <div class="player-bar">
        <span class={state.is === 'playing' ? 'badge good' : 'badge'}>{STATE_NAMES[state.is]}</span>
        {state.is === 'playing' && (
          <button type="button" class="small" aria-pressed={!muted} onClick={() => setMuted(!muted)}>
            {muted ? 'Sound on' : 'Sound off'}
          </button>
        )}
        {(state.is === 'ended' || state.is === 'refused') && (
          <button type="button" class="small" onClick={() => setAttempt(attempt + 1)}>
            Connect again
          </button>
        )}
        {state.is === 'playing' && <PlayerStats video={video} />}
      </div>
    </div>
  );
}

const STATE_NAMES = {
  connecting: 'Connecting…',
  playing: 'WebRTC',
  ended: 'Ended',
  refused: 'Not played',
} as const satisfies Record<WatchState['is'], string>;

function Problem({ state }: { readonly state: WatchState }) {
  if (state.is !== 'refused') return null;
  return (
    <p class="player-problem" role="status">
      {state.reason}
    </p>
  );
}

/** The same path on the host of the page, so that it also works through a forwarded port. */
function onHostOfPage(url: string): string {
  const { pathname, search } = new URL(url);
  return location.origin + pathname + search;
}
