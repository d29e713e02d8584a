import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from '../command.ts';
import { both } from '../language.ts';
import { fields } from '../output.ts';

const manifest = path.resolve(import.meta.dirname, '../../package.json');

export const versionCommand: Command = {
  name: 'version',
  summary: both('版本', 'version of this program'),
  examples: ['version --json'],
  run: () => {
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }; // our own manifest
    const json = { pactgate: version, node: process.versions.node };
    return Promise.resolve({ json, text: fields(Object.entries(json)) });
  },
};
