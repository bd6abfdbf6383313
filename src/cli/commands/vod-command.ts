import { BadValue } from '../../config/option-values.ts';
import { channelOptions, requiredChannel } from './channel-options.ts';
import { answer, type Command, type CommandContext, EXIT, readFlag } from './command.ts';
import { call, URL_OPTION } from './emulator-client.ts';
import { parseMoment } from './parse-moment.ts';

export const vodCommand: Command = {
  name: 'vod',
  summary: 'Make a VOD playlist of a time range, and print its URL',
  options: [
    ...channelOptions,
    { flag: 'from', argument: 'TIME', help: 'ISO 8601, Unix milliseconds, or ago like -90m [-24h]' },
    { flag: 'to', argument: 'TIME', help: 'The same [now]' },
    { flag: 'name', argument: 'NAME', help: 'Name of the playlist [vod.m3u8]' },
    URL_OPTION,
  ],

  async run(context: CommandContext) {
    const { channel, bucket = (await call(context, 'info')).buckets[0]?.name ?? '' } = requiredChannel(context);
    const playlistName = readFlag(context, 'name', parsePlaylistName);
    const range = {
      from: readFlag(context, 'from', parseMoment) ?? '-24h',
      to: readFlag(context, 'to', parseMoment) ?? 'now',
    };
    const path = `/channels/${encodeURIComponent(bucket)}/${encodeURIComponent(channel)}/vod`;
    const made = await call(
      context,
      'vod',
      { ...range, ...(playlistName !== undefined && { playlistName }) },
      { path },
    );
    answer(context, made, made.url);
    return EXIT.ok;
  },
};

/** @throws BadValue */
function parsePlaylistName(text: string): string {
  if (text.endsWith('.m3u8')) return text;
  throw new BadValue('end with .m3u8');
}
