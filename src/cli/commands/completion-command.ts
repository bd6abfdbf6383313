import { UsageError } from '../../base/errors.ts';
import { completionScript, SHELLS } from '../completion.ts';
import { type Command, type CommandContext, EXIT, oneOperand } from './command.ts';

/** @param commands with this one among them */
export function createCompletionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    operands: 'SHELL',
    summary: `Print a script that completes commands: ${SHELLS.join(', ')}`,
    options: [],

    async run(context: CommandContext) {
      const name = oneOperand(context, `Name the shell: oss-livechannel-emulator completion ${SHELLS.join('|')}.`);
      const shell = SHELLS.find((known) => known === name);
      if (!shell) throw new UsageError(`There is no completion for ${name}: name ${SHELLS.join(', ')}.`);
      context.out(completionScript(shell, commands()));
      return EXIT.ok;
    },
  };
}
