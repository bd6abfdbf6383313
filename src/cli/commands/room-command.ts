import { UsageError } from '../../base/errors.ts';
import { BadValue, parseExpiry } from '../../config/option-values.ts';
import { MAX_EXPIRE_SEC } from '../../control-plane/control/room-views.ts';
import { isDisplayName, isRoomId } from '../../live/rooms/token.ts';
import { answer, type Command, type CommandContext, EXIT, readFlag } from './command.ts';
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
    const displayName = readFlag(context, 'display-name', parseDisplayName);
    const address = await call(context, 'roomAddress', {
      appId: readFlag(context, 'app-id', parseRoomId) ?? 'app',
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

/** @throws BadValue */
function parseRoomId(text: string): string {
  if (isRoomId(text)) return text;
  throw new BadValue('be 1 to 64 of A-Z, a-z, 0-9, _ and -');
}

/** @throws BadValue */
function parseDisplayName(text: string): string {
  if (isDisplayName(text)) return text;
  throw new BadValue('be 1 to 40 characters, none of them a control character');
}

/** @throws UsageError when the flag is missing or its value does not fit */
function required(context: CommandContext, flag: string): string {
  const value = readFlag(context, flag, parseRoomId);
  if (value !== undefined) return value;
  throw new UsageError(`Give the --${flag}, e.g. oss-livechannel-emulator room --channel-id room --user-id camera-1.`);
}
