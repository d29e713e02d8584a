import {
  type AgreementDocument,
  type CatalogueRow,
  type Overrides,
  paramSeconds,
  rowOf,
  type SubDutyId,
  valuesOf,
} from '@pactgate/agreement';
import { Problem } from '@pactgate/protocol';
import type { BurstLimits } from '../duties/access/index.ts';
import type { MinTls } from '../duties/channel/index.ts';
import type { Device } from '../duties/identity/index.ts';
import type { DeviceRef } from '../flow/ports.ts';
import { type Duration, seconds } from '../kernel/time.ts';
import type { Agreement } from '../parties/agreement.ts';
import type { IdentityPart } from './identity.ts';

/** The agreed numbers that the hot path uses, by agreement; the standard ones where nothing else was agreed. */
export interface Terms {
  /** Takes an agreement in force in, or forgets one that ended. */
  readonly set: (agreement: Agreement) => void;
  readonly agreement: (id: string) => Agreement | undefined;
  readonly agreements: () => readonly Agreement[];
  readonly inForceOf: (party: string) => string | undefined;
  readonly inForce: (agreement: string) => boolean;
  readonly partyOf: (agreement: string) => string;
  readonly document: (agreement: string) => AgreementDocument | undefined;
  readonly overrides: (agreement: string) => Overrides;
  readonly minTls: (agreement: string) => MinTls;
  readonly sessionMaxAge: (agreement: string) => Duration | undefined;
  readonly bursts: (agreement: string) => BurstLimits;
  readonly decideWithinMs: (agreement: string) => number;
}

const numberOf = (row: SubDutyId, name: string, overrides: Overrides): number => {
  const value = valuesOf(rowOf(row), overrides)[name];
  if (typeof value !== 'number') throw new Error(`${row} has no number ${name}`);
  return value;
};

const secondsOf = (row: CatalogueRow, name: string, overrides: Overrides): Duration | undefined => {
  const param = row.params.find((candidate) => candidate.name === name);
  const value = valuesOf(row, overrides)[name];
  const found = param === undefined || value === undefined ? undefined : paramSeconds(param, value);
  return found === undefined ? undefined : seconds(found);
};

export function makeTerms(): Terms {
  const known = new Map<string, Agreement>();
  /** Parsed once: rhythms and parameters are read from them many times a second. */
  const documents = new Map<string, { readonly text: string; readonly document: AgreementDocument }>();
  const overrides = (agreement: string): Overrides => known.get(agreement)?.params ?? {};
  const inForceOf = (party: string): Agreement | undefined =>
    [...known.values()].find((agreement) => agreement.party === party && agreement.state === 'in-force');
  return {
    set: (agreement) => void known.set(agreement.id, agreement),
    agreement: (id) => known.get(id),
    agreements: () => [...known.values()],
    inForceOf: (party) => inForceOf(party)?.id,
    inForce: (agreement) => known.get(agreement)?.state === 'in-force',
    partyOf: (agreement) => known.get(agreement)?.party ?? agreement,
    document: (agreement) => {
      const text = known.get(agreement)?.document;
      if (text === undefined) return undefined;
      const parsed = documents.get(agreement);
      if (parsed?.text === text) return parsed.document;
      const document = JSON.parse(text) as AgreementDocument; // checked when it was made
      documents.set(agreement, { text, document });
      return document;
    },
    overrides,
    minTls: (agreement) => (valuesOf(rowOf('B2.3.1'), overrides(agreement))['minTls'] === '1.3' ? '1.3' : '1.2'),
    sessionMaxAge: (agreement) => secondsOf(rowOf('B2.2.5'), 'sessionMaxAge', overrides(agreement)),
    bursts: (agreement) => ({
      warnAbove: numberOf('B2.2.6', 'warnAbove', overrides(agreement)),
      throttleAbove: numberOf('B2.2.6', 'throttleAbove', overrides(agreement)),
      isolateAbove: numberOf('B2.2.6', 'isolateAbove', overrides(agreement)),
    }),
    decideWithinMs: (agreement) => numberOf('A3.1.3', 'decideWithin', overrides(agreement)),
  };
}

/** A device that may be commanded; `device/unknown` otherwise. */
export function demandDevice({ registry }: Pick<IdentityPart, 'registry'>, ref: DeviceRef): Device {
  const device = registry.device(ref.agreement, ref.device);
  if (!device) throw new Problem('device/unknown', `no device ${ref.device}`);
  return device;
}
