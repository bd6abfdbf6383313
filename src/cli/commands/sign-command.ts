import { parseExpiry } from '../../config/option-values.ts';
import { channelOptions, requiredChannel } from './channel-options.ts';
import { answer, type Command, type CommandContext, EXIT, flagValue, readFlag } from './command.ts';
import { call, URL_OPTION } from './emulator-client.ts';

/** Ten digits, more than three centuries. */
const MAX_EXPIRE_SEC = 9_999_999_999;

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
    const expiresSec = readFlag(context, 'expires', parseExpiry(MAX_EXPIRE_SEC));
    const playlistName = flagValue(context, 'playlist');
    const signed = await call(context, 'sign', {
      ...requiredChannel(context),
      ...(expiresSec !== undefined && { expiresSec }),
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
