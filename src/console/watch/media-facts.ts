import type { ChannelItem, ParticipantItem, StreamItem } from '../api-client.ts';
import { bitRate } from '../format.ts';

type Media = Pick<NonNullable<(ChannelItem | StreamItem)['live']> | ParticipantItem, 'video' | 'audio'>;

/** `H264 640 × 360, 25 fps` and `AAC 44.1 kHz`, as far as they are known. */
export function mediaFacts({ video, audio }: Media): readonly string[] {
  return [
    ...(video ? [`${video.codec} ${video.width} × ${video.height}, ${video.frameRate} fps`] : []),
    ...(audio ? [`${audio.codec} ${audio.sampleRate / 1000} kHz`] : []),
  ];
}

/** The recent average bit rate of video and audio together. */
export function mediaRate({ video, audio }: Media): string {
  return bitRate(((video?.bandwidth ?? 0) + (audio?.bandwidth ?? 0)) * 8);
}
