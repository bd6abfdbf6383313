import { UsageError } from '../../base/errors.ts';
import { channelOptions, requiredChannel } from './channel-options.ts';
import { answer, type Command, type CommandContext, EXIT, flagValue } from './command.ts';
import { call, URL_OPTION } from './emulator-client.ts';

export const signCommand: Command = {
  name: 'sign',
  summary: 'Print a signed RTMP URL, for ffmpeg and for OBS',
  options: [
    ...channelOptions,
    { flag: 'expires', argument: 'SECONDS', help: 'Good for so long from now [86400]' },
    { flag: 'playlist', argument: 'NAME', help: "Live playlist of the push, instead of the channel's" },
    URL_OPTION,
  ],

  async run(context: CommandContext) {
    const expires = flagValue(context, 'expires');
    const playlistName = flagValue(context, 'playlist');
    if (expires !== undefined && !/^[1-9]\d{0,9}$/.test(expires)) {
      throw new UsageError(`--expires must be a number of seconds, not "${expires}".`);
    }
    const signed = await call(context, 'sign', {
      ...requiredChannel(context),
      ...(expires !== undefined && { expiresSec: Number(expires) }),
      ...(playlistName !== undefined && { playlistName }),
    });
    const lines = [
      `URL         ${signed.url}`,
      `OBS         Server      ${signed.server}`,
      `            Stream key  ${signed.streamKey}`,
      `Play        ${signed.playUrl}`,
      `Good until  ${new Date(signed.expiresMs).toISOString()}`,
    ];
    answer(context, signed, lines.join('\n'));
    return EXIT.ok;
  },
};
