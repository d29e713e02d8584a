import { maxFile } from './bounds.ts';

export type FileRead = { readonly value: unknown } | { readonly fault: 'large' | 'json' };

/** Reads a JSON file that the reader chose: bounded, and nothing but JSON. */
export async function readJsonFile(file: Pick<File, 'size' | 'text'>): Promise<FileRead> {
  if (file.size > maxFile) return { fault: 'large' };
  try {
    return { value: JSON.parse(await file.text()) as unknown };
  } catch {
    return { fault: 'json' }; // the one thing that matters to whoever chose it
  }
}
