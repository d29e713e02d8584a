import { type Command, globalOptions } from '../command.ts';
import { Failure } from '../failure.ts';
import { both } from '../language.ts';

const flags = (names: readonly string[]): string => names.map((name) => `--${name}`).join(' ');

/** A bash function over the table: words of commands first, then the options of the command that was written. */
function script(commands: readonly Command[]): string {
  const first = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))];
  const groups = first.map((word) => {
    const next = commands.flatMap(({ name }) => (name.startsWith(`${word} `) ? [name.slice(word.length + 1)] : []));
    return `    ${word}) words="${next.join(' ')}" ;;`;
  });
  const options = commands.map(
    ({ name, options: own = {} }) => `    "${name}") words="${flags(Object.keys({ ...own, ...globalOptions }))}" ;;`,
  );
  return `_pactgate() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=""
  if [[ $current == -* ]]; then
    case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${options.filter((line) => /^ {4}"\S+ \S+"\)/.test(line)).join('\n')}
    *) case "\${COMP_WORDS[1]}" in
${options.filter((line) => /^ {4}"[^ "]+"\)/.test(line)).join('\n')}
      esac ;;
    esac
  elif [[ $COMP_CWORD == 1 ]]; then
    words="${first.join(' ')} help"
  elif [[ $COMP_CWORD == 2 ]]; then
    case "\${COMP_WORDS[1]}" in
${groups.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _pactgate pactgate`;
}

export const completionCommand = (commands: readonly Command[]): Command => ({
  name: 'completion',
  summary: both('输出 shell 补全脚本', 'print a completion script for the shell'),
  arguments: [{ name: 'SHELL', summary: both('bash', 'bash') }],
  examples: ['completion bash > /etc/bash_completion.d/pactgate'],
  run: ({ args: [shell = ''] }) => {
    if (shell !== 'bash') throw new Failure('usage', both('只支持 bash', 'only bash is supported'));
    const text = script(commands);
    return Promise.resolve({ json: { shell, script: text }, text });
  },
});
