// Completion for bash, generated from the tree of commands: tables of commands, options and what each value is, and one
// function that walks the words of the line by them. Names of what is in the server are asked of it when they are wanted.

import { settingNames } from '../config/settings.ts';
import { logLevels } from '../log.ts';
import { allCommands, type CommandNode, type OptionNode } from './command-tree.ts';

/** What can be asked of the running server for a completion. */
export const nameKinds = ['instances', 'clients', 'tokens'] as const;
export type NameKind = (typeof nameKinds)[number];

/** What a value is; `words` are words between which to choose. */
type Kind = NameKind | 'file' | 'directory' | 'none' | `words ${string}`;

const files: ReadonlySet<string> = new Set(['file']);
const directories: ReadonlySet<string> = new Set(['dir']);
const settingWords: Kind = `words ${settingNames.join(' ')}`;

/** Values that are known by the name that stands for them. */
const byPlaceholder: Readonly<Record<string, Kind>> = {
  level: `words ${logLevels.join(' ')}`,
  role: 'words read-only operator administrator',
  kinds: `words ${nameKinds.join(' ')}`,
};

/** Arguments that name something in the server, by the command; what is made anew is named by nobody yet. */
const argumentKinds: Readonly<Record<string, readonly Kind[]>> = {
  'instance create': ['none'],
  'instance import': ['file', 'none'],
  'token create': ['none'],
  'token revoke': ['tokens'],
  'config get': [settingWords],
  'config set': [settingWords],
  'config unset': [settingWords],
};

const valueKind = (group: string, name: string, value: string): Kind => {
  if (files.has(value)) return 'file';
  if (directories.has(value)) return 'directory';
  if (name === '--instance') return 'instances';
  if (group === 'client' && name === '--name') return 'clients';
  return byPlaceholder[value] ?? 'none';
};

const kindsOfArguments = ({ path, arguments: all }: CommandNode): readonly Kind[] => {
  const [group = ''] = path;
  return (
    argumentKinds[path.join(' ')] ??
    all.map(({ name }) => (group === 'instance' && name === 'name' ? 'instances' : valueKind(group, '', name)))
  );
};

const entry = (path: readonly string[], value: string): string => `  ['${path.join(' ')}']='${value}'`;

const valuesOf = ({ path, options }: CommandNode): readonly string[] =>
  options.flatMap(({ names, value }: OptionNode) =>
    value === undefined ? [] : names.map((name) => entry([...path, name], valueKind(path[0] ?? '', name, value))),
  );

const tableOf = (name: string, entries: readonly string[]): string => `declare -gA ${name}=(\n${entries.join('\n')}\n)`;

/** The script: `source <(kmip-edge completion bash)`, or a file in /etc/bash_completion.d. */
export const bashCompletion = (tree: CommandNode): string => {
  const nodes = allCommands(tree);
  const withCommands = nodes.filter(({ commands }) => commands.length > 0);
  return [
    '# bash completion of kmip-edge: source <(kmip-edge completion bash)',
    tableOf(
      '_kmip_edge_commands',
      withCommands.map(({ path, commands }) =>
        entry(path.length === 0 ? ['-'] : path, commands.map((one) => one.path.at(-1)).join(' ')),
      ),
    ),
    tableOf(
      '_kmip_edge_options',
      nodes.map(({ path, options }) =>
        entry(path.length === 0 ? ['-'] : path, options.flatMap(({ names }) => names).join(' ')),
      ),
    ),
    tableOf('_kmip_edge_values', nodes.flatMap(valuesOf)),
    tableOf(
      '_kmip_edge_arguments',
      nodes.flatMap((node) => {
        const kinds = kindsOfArguments(node);
        return node.arguments.length === 0 ? [] : [entry(node.path, kinds.join('|'))];
      }),
    ),
    walker,
  ].join('\n');
};

/** An array of bash has no key that is empty: the program itself is `-`. */
const walker = `
_kmip_edge_reply() {
  case "$1" in
    file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    directory) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
    words\\ *) mapfile -t COMPREPLY < <(compgen -W "\${1#words }" -- "$2") ;;
    none|'') ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$("$3" completion names "$1" \${4:+--data "$4"} 2>/dev/null)" -- "$2") ;;
  esac
}

_kmip_edge() {
  local program=\${COMP_WORDS[0]} current=\${COMP_WORDS[COMP_CWORD]} path='' option='' data='' word kind i
  local -i arguments=0
  local -a kinds
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $option ]]; then
      [[ $option == --data ]] && data=$word
      option=''
    elif [[ $word == -* ]]; then
      [[ -n \${_kmip_edge_values[\${path:+$path }$word]} ]] && option=$word
    elif [[ " \${_kmip_edge_commands[\${path:--}]} " == *" $word "* && $arguments -eq 0 ]]; then
      path=\${path:+$path }$word
    else
      arguments+=1
    fi
  done
  if [[ -n $option ]]; then
    _kmip_edge_reply "\${_kmip_edge_values[\${path:+$path }$option]}" "$current" "$program" "$data"
  elif [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "\${_kmip_edge_options[\${path:--}]}" -- "$current")
  else
    [[ $arguments -eq 0 ]] && mapfile -t COMPREPLY < <(compgen -W "\${_kmip_edge_commands[\${path:--}]}" -- "$current")
    [[ \${#COMPREPLY[@]} -gt 0 || -z $path ]] && return
    IFS='|' read -r -a kinds <<< "\${_kmip_edge_arguments[$path]}"
    ((arguments >= \${#kinds[@]})) && arguments=$((\${#kinds[@]} > 0 ? \${#kinds[@]} - 1 : 0))
    kind=\${kinds[arguments]}
    _kmip_edge_reply "$kind" "$current" "$program" "$data"
  fi
}
complete -F _kmip_edge kmip-edge
`;
