import type Hls from 'hls.js';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useConsole } from '../state/context.ts';

const STATS_MS = 500;

export interface PlayerProps {
  /** The playlist. */
  readonly url: string;
  /** Says what is shown, for screen readers. */
  readonly label: string;
  /** Gets the position in the playlist. */
  readonly onTime?: (mediaMs: number) => void;
}

/** Plays a playlist with hls.js, which is loaded when the first one is played. */
export function Player({ url, label, onTime }: PlayerProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (!video.current) return;
    setProblem(undefined);
    return play(url, video.current, setProblem);
  }, [url]);
  return (
    <div class="player">
      <video
        ref={video}
        aria-label={label}
        controls
        muted
        playsInline
        onTimeUpdate={({ currentTarget }) => onTime?.(currentTarget.currentTime * 1000)}
      />
      {problem && <p class="player-problem">{problem}</p>}
      <PlayerStats video={video} />
    </div>
  );
}

/** Returns the function that ends it. */
function play(url: string, video: HTMLVideoElement, onProblem: (text: string | undefined) => void): () => void {
  let hls: Hls | undefined;
  let isEnded = false;
  const load = async () => {
    const { default: HlsPlayer } = await import('hls.js/light');
    if (isEnded) return;
    if (!HlsPlayer.isSupported()) {
      video.src = url; // Safari on a phone plays HLS without hls.js
      return;
    }
    hls = new HlsPlayer({ enableWorker: false });
    hls.on(HlsPlayer.Events.ERROR, (_name, { fatal, details, response }) => {
      if (fatal) onProblem(`The player stopped: ${details}${response ? `, status ${response.code}` : ''}.`);
    });
    hls.on(HlsPlayer.Events.MANIFEST_PARSED, () => {
      // A browser may forbid it before the first click; the user can then use the controls.
      video.play().catch(() => {});
    });
    hls.loadSource(url);
    hls.attachMedia(video);
  };
  load().catch(() => onProblem('The player could not be loaded.'));
  return () => {
    isEnded = true;
    hls?.destroy();
    video.removeAttribute('src');
  };
}

/** Size of the picture and counts of the frames. */
export function PlayerStats({ video }: { readonly video: { readonly current: HTMLVideoElement | null } }) {
  const { browserClock } = useConsole();
  const [stats, setStats] = useState<readonly string[]>([]);
  useEffect(() => {
    const measure = () => {
      if (video.current) setStats(statsOf(video.current));
      timer = browserClock.setTimeout(measure, STATS_MS);
    };
    let timer = browserClock.setTimeout(measure, STATS_MS);
    return () => timer.cancel();
  }, []);
  return (
    <p class="player-stats">
      {stats.map((stat) => (
        <span key={stat.split(' ')[0]}>{stat}</span>
      ))}
    </p>
  );
}

function statsOf(video: HTMLVideoElement): readonly string[] {
  if (video.videoWidth === 0) return ['waiting for the first picture'];
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  const { buffered, currentTime } = video;
  const figures = [
    `${video.videoWidth} × ${video.videoHeight}`,
    `${totalVideoFrames.toLocaleString('en')} frames shown`,
    `${droppedVideoFrames} dropped`,
  ];
  // WebRTC has no buffer that could be shown.
  if (video.srcObject) return figures;
  const aheadSec = buffered.length === 0 ? 0 : Math.max(0, buffered.end(buffered.length - 1) - currentTime);
  return [...figures, `${aheadSec.toFixed(1)} s buffered`];
}
