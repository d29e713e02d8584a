/** One line of a script: who acts, and what is done. Continuation of nothing: a line is a sentence. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

export interface Script {
  readonly file: string;
  /** Sub-duty of the catalogue that the script shows. */
  readonly row: string;
  /** The first comment: what an auditor sees happen. */
  readonly title: string;
  readonly lines: readonly Line[];
}

const starts = new Set(['given', 'device', 'party', 'operator', 'expect']);

/**
 * Reads a script: `#` comments, blank lines, and sentences that begin with `given`, `device`, `party`, `operator` or
 * `expect`. The file's name begins with the row; a script whose last sentence is no proof is refused.
 */
export function parseScript(file: string, text: string): Script {
  const { row, title, all } = headOf(file, text);
  const lines = all.filter((line) => line.text !== '' && !line.text.startsWith('#'));
  for (const line of lines)
    if (!starts.has(line.text.split(' ', 1)[0] ?? ''))
      throw new Error(`${file}:${line.number}: begins with none of ${[...starts].join(', ')}: ${line.text}`);
  if (!/^expect proof\b/.test(lines.at(-1)?.text ?? '')) throw new Error(`${file}: does not end in a proof`);
  return { file, row, title, lines };
}

function headOf(file: string, text: string): { row: string; title: string; all: readonly Line[] } {
  const row = /^([AB]\d\.\d+\.\d+)-[a-z0-9-]+\.txt$/.exec(file)?.[1];
  if (row === undefined) throw new Error(`${file}: the name begins with no sub-duty`);
  const all = text.split('\n').map((line, i) => ({ number: i + 1, text: line.trim().replaceAll(/\s+/g, ' ') }));
  const title = /^# (.+)$/.exec(all[0]?.text ?? '')?.[1];
  if (title === undefined || !title.startsWith(`${row}: `))
    throw new Error(`${file}:1: begins with "# ${row}: " and what it shows`);
  return { row, title, all };
}
