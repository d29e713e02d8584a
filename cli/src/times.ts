import { Failure } from './failure.ts';
import { both } from './language.ts';

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A moment as people write it: `2026-03-01T08:00:00Z`, `2026-03-01`, `90m` (so long ago) or epoch milliseconds.
 *
 * @returns epoch milliseconds
 */
export function readTime(name: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return Math.max(0, now - Number(count) * (units[unit] ?? 0));
  if (/^\d{12,15}$/.test(text)) return Number(text);
  const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(at))
    throw new Failure(
      'usage',
      both(`--${name} 不是时间：${text}`, `--${name} is no time: ${text}`),
      both(
        '写法：2026-03-01T08:00:00Z 或 90m（90 分钟前）。',
        'Write 2026-03-01T08:00:00Z, or 90m for 90 minutes ago.',
      ),
    );
  return at;
}
