/** Where the documents of the project are read. */
const DOCS = 'https://github.com/oss-livechannel/oss-livechannel-emulator/blob/main/docs/';

/** The document about each thing that the page shows, and what its link is called. */
export const HELP = {
  channels: { name: 'the page of channels', path: 'console.md#a-channel' },
  streams: { name: 'the page of streams', path: 'console.md#a-stream' },
  rooms: { name: 'rooms', path: 'guides/rooms.md' },
  log: { name: 'the log', path: 'console.md#the-log' },
  callbacks: { name: 'callbacks', path: 'console.md#callbacks' },
  faults: { name: 'testing failures', path: 'guides/failures.md#rules' },
  clock: { name: 'the clock', path: 'guides/failures.md#time' },
  pushing: { name: 'OBS', path: 'guides/obs.md' },
  refusedPush: { name: 'refused pushes', path: 'guides/obs.md#when-obs-says-that-it-cannot-connect' },
  findings: { name: 'findings about a push', path: 'findings.md' },
  vod: { name: 'VOD of a range', path: 'guides/vod.md' },
} as const satisfies Record<string, { readonly name: string; readonly path: string }>;

export type HelpTopic = keyof typeof HELP;

export function helpUrl(topic: HelpTopic): string {
  return DOCS + HELP[topic].path;
}
