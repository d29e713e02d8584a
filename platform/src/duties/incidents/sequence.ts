import type { RecordBody } from '@pactgate/protocol';

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Numbers of one device's reports, gap-free across restarts (B2.6.2). A value. */
export interface Sequence {
  /** Highest boot counter seen. */
  readonly boot: number;
  /** Highest number seen; 0 before the first report. */
  readonly highest: number;
  /** Numbers that never came and are not explained, ascending; at most {@link maxGaps}, then the oldest are joined. */
  readonly gaps: readonly Range[];
}
export const maxGaps = 16;
export const noReports: Sequence = { boot: 0, highest: 0, gaps: [] };

/** Every number up to this one came or was explained: what a receipt may promise. */
export const contiguousOf = ({ highest, gaps }: Sequence): number => (gaps[0]?.from ?? highest + 1) - 1;

/** A report as far as its number goes; `digest` is SHA-256 of its canonical bytes. */
export interface Numbered {
  readonly id: string;
  readonly seq: number;
  readonly boot: number;
  readonly digest: string;
  /** Numbers that this report accounts for, see `overflowOf`. */
  readonly explains?: Range;
}

/** What the store holds of earlier reports of this device: by the same id, and by the same number. */
export interface Earlier {
  readonly sameId?: Pick<Numbered, 'digest' | 'seq'>;
  readonly sameSeq?: Pick<Numbered, 'digest' | 'id'>;
}

export type SequenceVerdict =
  /** Known already, to the byte: acknowledge again, record nothing. */
  | { readonly verdict: 'duplicate' }
  /** The same id or number with another content: a clone or tampering (identity: confirmed clone). */
  | { readonly verdict: 'changed'; readonly what: 'id' | 'seq' }
  | {
      readonly verdict: 'accept';
      readonly next: Sequence;
      /** For the record: numbers found missing by this report, and numbers it explains. */
      readonly gaps: Pick<RecordBody<'incident.report'>, 'missing' | 'explains'>;
      /** The boot counter ran back: an old state of the device, or a copy of it, is speaking. */
      readonly bootBackwards: boolean;
    };

const without = (gaps: readonly Range[], { from, to }: Range): readonly Range[] =>
  gaps.flatMap((gap) =>
    to < gap.from || from > gap.to
      ? [gap]
      : [
          { from: gap.from, to: from - 1 },
          { from: to + 1, to: gap.to },
        ].filter((rest) => rest.from <= rest.to),
  );

function bounded(gaps: readonly Range[]): readonly Range[] {
  const [first, second, ...rest] = gaps;
  if (gaps.length <= maxGaps || first === undefined || second === undefined) return gaps;
  return [{ from: first.from, to: second.to }, ...rest];
}

/** Judges the number of a report against what came before: next, late, after a gap, again, or another under its name. */
export function judgeSequence(sequence: Sequence, report: Numbered, earlier: Earlier): SequenceVerdict {
  const { sameId, sameSeq } = earlier;
  if (sameId !== undefined)
    return sameId.digest === report.digest ? { verdict: 'duplicate' } : { verdict: 'changed', what: 'id' };
  if (sameSeq !== undefined) return { verdict: 'changed', what: 'seq' };

  const { seq, boot, explains } = report;
  const missing = seq > sequence.highest + 1 ? { from: sequence.highest + 1, to: seq - 1 } : undefined;
  const grown = missing === undefined ? sequence.gaps : bounded([...sequence.gaps, missing]);
  const filled = without(grown, { from: seq, to: seq });
  const gaps = explains === undefined ? filled : without(filled, explains);
  const next = { boot: Math.max(sequence.boot, boot), highest: Math.max(sequence.highest, seq), gaps };
  return {
    verdict: 'accept',
    next,
    gaps: { ...(missing === undefined ? {} : { missing }), ...(explains === undefined ? {} : { explains }) },
    bootBackwards: boot < sequence.boot,
  };
}
