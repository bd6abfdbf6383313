import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/table.ts';
import { completionScript, type Shell } from '../../src/cli/completion.ts';
import { flagsOf } from '../../src/cli/flags-of.ts';
import { describeWith } from '../support/tools.ts';

const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'completion-'));
  await writeFile(join(folder, 'state.tar'), '');
});
afterAll(() => rm(folder, { recursive: true }));

async function scriptFile(shell: Shell): Promise<string> {
  const path = join(folder, `script.${shell}`);
  await writeFile(path, completionScript(shell, COMMANDS));
  return path;
}

/** What the shell offers for the last word of a command line, which begins with the name of the program. */
type CompleteLine = (...line: readonly string[]) => Promise<readonly string[]>;

const names = COMMANDS.map(({ name }) => name);
const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** The same for every shell, by what it offers. */
function describeCompletion(completeLine: CompleteLine): void {
  const complete: CompleteLine = (...words) => completeLine('oss-livechannel-emulator', ...words);

  it('offers every command', async () => {
    expect([...(await complete(''))].sort()).toEqual([...names].sort());
    expect(await complete('comp')).toEqual(['completion']);
    expect(await completeLine('oss-livechannel', 'comp')).toEqual(['completion']);
  });

  it.each(names)('offers every option of %s', async (name) => {
    const command = COMMANDS.find((known) => known.name === name);
    const flags = command ? flagsOf(command).map(({ flag }) => `--${flag}`) : [];
    expect([...(await complete(name, '--'))].sort()).toEqual([...flags].sort());
  });

  it('offers files where they are wanted, and shells for itself', async () => {
    expect(await complete('import', 'st')).toEqual(['state.tar']);
    expect(await complete('start', '--import', 'st')).toEqual(['state.tar']);
    expect([...(await complete('completion', ''))].sort()).toEqual(['bash', 'fish', 'zsh']);
    expect(await complete('channels', 'st')).toEqual([]);
  });
}

describeWith(['bash'], 'bash', () => {
  describeCompletion(async (...line) => {
    const words = line.map((word) => `'${word}'`).join(' ');
    const program = `source "$1"; COMP_WORDS=(${words}); COMP_CWORD=${line.length - 1}; _oss_livechannel; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['--norc', '-c', program, 'bash', await scriptFile('bash')], { cwd: folder });
    return lines(stdout);
  });

  it.each(['oss-livechannel-emulator', 'oss-livechannel'])('is bound to %s', async (name) => {
    const program = 'source "$1"; complete -p "$2"';
    const { stdout } = await run('bash', ['--norc', '-c', program, 'bash', await scriptFile('bash'), name]);
    expect(stdout).toContain(`-F _oss_livechannel ${name}\n`);
  });
});

describeWith(['fish'], 'fish', () => {
  describeCompletion(async (...words) => {
    const program = 'source $argv[1]; complete -C $argv[2]';
    const line = words.join(' ');
    const environment = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder };
    const { stdout } = await run('fish', ['--no-config', '-c', program, await scriptFile('fish'), line], {
      cwd: folder,
      env: environment,
    });
    return lines(stdout).map((line) => line.split('\t')[0] ?? '');
  });
});

/**
 * An interactive zsh in a terminal of its own, to which the line and a tab are typed. `compadd`, to which completions give what
 * they offer, prints it between two lines with a NUL.
 */
const CAPTURE = String.raw`
zmodload zsh/zpty
zpty z zsh -f -i
cat > "$2/setup" <<'SETUP'
PROMPT=
autoload -Uz compinit; compinit -u -D
source "$SCRIPT"
bindkey '^I' complete-word
mark () { print -r - $'\0' }
compprefuncs=( mark )
comppostfuncs=( mark exit )
zstyle ':completion:*' insert-tab false
compadd () {
  case " $* " in (*' -O '*|*' -A '*|*' -D '*) builtin compadd "$@"; return;; esac
  typeset -a hits
  builtin compadd -A hits "$@"
  local hit
  for hit in $hits; do print -r - "hit:$hit"; done
  builtin compadd "$@"
}
print ready
SETUP
zpty -w z "SCRIPT='$1'; cd '$2'; source setup"
while zpty -r z line; do [[ $line == *ready* ]] && break; done
zpty -w -n z "$3"$'\t'
integer marks=0
while zpty -r z line; do
  [[ $line == *$'\0'* ]] && (( marks++ ))
  (( marks == 1 )) && [[ $line == hit:* ]] && print -r - "$line"
  (( marks > 1 )) && break
done
exit 0
`;

describeWith(['zsh'], 'zsh', () => {
  describeCompletion(async (...words) => {
    const line = words.join(' ');
    const { stdout } = await run('zsh', ['-f', '-c', CAPTURE, 'zsh', await scriptFile('zsh'), folder, line]);
    return [...new Set(lines(stdout.replaceAll('\r', '')).map((hit) => hit.slice('hit:'.length)))];
  });
});
