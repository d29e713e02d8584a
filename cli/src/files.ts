import { lstat, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomically } from '@pactgate/device';
import { isJsonObject, type JsonObject, parseJsonOnce } from '@pactgate/proof';
import type { Texts } from '@pactgate/protocol';
import { Failure } from './failure.ts';
import { both } from './language.ts';

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';

const unreadable = (file: string, cause: unknown): Failure => {
  const why = cause instanceof Error ? cause.message : String(cause);
  const what: Texts =
    codeOf(cause) === 'ENOENT'
      ? both(`没有文件 ${file}`, `there is no file ${file}`)
      : both(`无法读取 ${file}：${why}`, `cannot read ${file}: ${why}`);
  return new Failure('unavailable', what, undefined, { cause });
};

/** Reads a file of at most `most` octets. */
export async function readBytes(file: string, most: number): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > most)
      throw new Failure('refused', both(`${file} 超过 ${most} 字节`, `${file} is longer than ${most} octets`));
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw unreadable(file, cause);
  }
}

/** Text of a file, or of standard input for `-`; ends trimmed. */
export async function readSecret(file: string): Promise<string> {
  if (file !== '-') return (await readBytes(file, 16_384)).toString('utf8').trim();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of process.stdin) {
    const bytes = Buffer.from(part as Buffer); // no encoding is set on stdin
    size += bytes.length;
    if (size > 16_384) throw new Failure('usage', both('标准输入过长', 'standard input is too long'));
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8').trim();
}

/** A JSON object from a file; a member given twice is refused, as two readers could see different documents. */
export async function readJson(file: string, most = 4 * 1_024 * 1_024): Promise<JsonObject> {
  const text = (await readBytes(file, most)).toString('utf8');
  try {
    const value = parseJsonOnce(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(
      'refused',
      both(`${file} 不是有效的 JSON：${why}`, `${file} is no valid JSON: ${why}`),
      undefined,
      { cause },
    );
  }
  throw new Failure('refused', both(`${file} 不是 JSON 对象`, `${file} is no JSON object`));
}

/** Any JSON object, such as an SBOM of other tools: duplicate members are the tools' business. */
export async function readForeignJson(file: string, most: number): Promise<Record<string, unknown>> {
  const text = (await readBytes(file, most)).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw new Failure('refused', both(`${file} 不是 JSON`, `${file} is no JSON`), undefined, { cause });
  }
  throw new Failure('refused', both(`${file} 不是 JSON 对象`, `${file} is no JSON object`));
}

/** Writes a file of mode 0600, atomically, its directory made when missing (0700). */
export async function writePrivate(file: string, data: string | Uint8Array): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeAtomically(file, data);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('unavailable', both(`无法写入 ${file}：${why}`, `cannot write ${file}: ${why}`), undefined, {
      cause,
    });
  }
}

/** Refuses a key or token that others can read. */
export async function demandPrivate(file: string): Promise<void> {
  const found = await lstat(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  if ((found.mode & 0o077) === 0) return;
  throw new Failure(
    'refused',
    both(`${file} 可被其他用户读取`, `${file} can be read by other users`),
    both(`请执行 chmod 600 ${file}；若已泄露请更换。`, `Run chmod 600 ${file}; replace it if it may have leaked.`),
  );
}
