import { OPTIONS, optionNames } from '../config/config.ts';
import { COMMON_FLAGS, CONFIG_FLAGS, type DescribedFlag } from './command-line.ts';
import type { Command } from './commands/command.ts';

/** Every flag that a command takes. */
export function flagsOf(command: Command): readonly DescribedFlag[] {
  const ofEmulator = command.startsEmulator ? [...CONFIG_FLAGS, ...optionNames().map((name) => OPTIONS[name])] : [];
  return [...COMMON_FLAGS, ...command.options, ...ofEmulator];
}
