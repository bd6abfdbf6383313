import { UsageError } from '../../base/errors.ts';
import { parseExpiry } from '../../config/option-values.ts';
import { MAX_EXPIRE_SEC } from '../../control-plane/control/room-views.ts';
import { answer, type Command, type CommandContext, EXIT, flagValue, readFlag } from './command.ts';
import { call, URL_OPTION } from './emulator-client.ts';

export const roomCommand: Command = {
  name: 'room',
  summary: 'Print an RTMP address into a room, and how to watch it',
  options: [
    { flag: 'app-id', argument: 'ID', help: 'The application [app]' },
    { flag: 'channel-id', argument: 'ID', help: 'The room' },
    { flag: 'user-id', argument: 'ID', help: 'Who publishes' },
    { flag: 'display-name', argument: 'TEXT', help: 'How the user is called [as the id]' },
    { flag: 'expires', argument: 'SECONDS', help: 'Good for so long from now [36000]' },
    URL_OPTION,
  ],

  async run(context: CommandContext) {
    const expiresSec = readFlag(context, 'expires', parseExpiry(MAX_EXPIRE_SEC));
    const displayName = flagValue(context, 'display-name');
    const address = await call(context, 'roomAddress', {
      appId: flagValue(context, 'app-id') ?? 'app',
      channelId: required(context, 'channel-id'),
      userId: required(context, 'user-id'),
      ...(displayName !== undefined && { displayName }),
      ...(expiresSec !== undefined && { expiresSec }),
    });
    const lines = [
      `URL         ${address.rtmpAddress}`,
      `OBS         Server      ${address.server}`,
      `            Stream key  ${address.streamKey}`,
      `RTS         ${address.rts}`,
      `WHEP        ${address.whep}`,
      `Good until  ${new Date(address.expiresMs).toISOString()}`,
    ];
    answer(context, address, lines.join('\n'));
    return EXIT.ok;
  },
};

function required(context: CommandContext, flag: string): string {
  const value = flagValue(context, flag);
  if (value !== undefined) return value;
  throw new UsageError(`Give the --${flag}, e.g. oss-livechannel room --channel-id room --user-id camera-1.`);
}
