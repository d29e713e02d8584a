import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Counted, root, run } from './steps.ts';

const bin = (name: string): string => path.join(root, 'node_modules/.bin', name);
const folder = path.join(root, 'platform/src/flow/planted');

/** Faults that the tools must see, each with the tool: a check that sees nothing proves nothing. */
const faults: readonly {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly tool: readonly [string, ...string[]];
}[] = [
  {
    name: 'floating promise',
    file: 'floating.ts',
    text: 'const work = async (): Promise<void> => {};\nexport function start(): void {\n  work();\n}\n',
    tool: ['oxlint', '--type-aware', 'platform/src/flow/planted/floating.ts'],
  },
  {
    name: 'type error',
    file: 'types.ts',
    text: "export const wrong: number = 'text';\n",
    tool: ['tsc', '-p', 'tsconfig.json'],
  },
  {
    name: 'forbidden import',
    file: 'forbidden.ts',
    text: "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
    tool: ['node', '--test', 'architecture.test.ts'],
  },
  {
    name: 'failing test',
    file: 'failing.test.ts',
    text: "import { test } from 'node:test';\ntest('fails', () => {\n  throw new Error('planted');\n});\n",
    tool: ['node', '--test', 'platform/src/flow/planted/failing.test.ts'],
  },
];

/** Plants each fault, expects its tool to fail, and takes it away again. */
export async function plantedFaults(tally: Counted): Promise<void> {
  for (const { name, file, text, tool } of faults) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, file), text);
    try {
      const [command, ...args] = tool;
      const { code } = await run(bin(command), args, { quiet: true });
      if (code === 0) tally.failed++;
      else tally.passed++;
      console.log(`${code === 0 ? 'FAILED' : 'ok    '} a planted ${name} is seen`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
