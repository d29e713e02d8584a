import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ProblemCode, problemRow, problems } from '@pactgate/protocol';

const file = path.resolve(import.meta.dirname, '../docs/problems.md');

/** The page of every refusal, made from the table in `protocol/problems`. */
export function problemsPage(): string {
  const codes = (Object.keys(problems) as ProblemCode[]).toSorted(); // keys of the table: exactly the codes
  const rows = codes.map((code) => {
    const { status, duty, title, next } = problemRow(code);
    return `| \`${code}\` | ${status} | ${duty ?? ''} | ${title.en}<br>${title.zh} | ${next.en}<br>${next.zh} |`;
  });
  return `# Problems

Every way the platform says no. Codes are public and stable. On HTTP they arrive as \`application/problem+json\` (RFC 9457) with \`code\`, \`detail\` and \`next\`; MQTT 5 carries the mapped reason code and the code as reason string; every refusal of a device is on its page and in the ledger. This page is made from \`protocol/problems\` by \`tools/problems.ts\`; a test compares both.

| code | status | sub-duty | what it means | next step |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

/** The page as it is in the repository. */
export const writtenPage = (): string => readFileSync(file, 'utf8');

if (import.meta.main) writeFileSync(file, problemsPage());
