import { Problem } from '@pactgate/protocol';
import {
  type Device,
  type DeviceState,
  type EnrolmentCode,
  hashCode,
  type IdentityRegistry,
  type IdentityStore,
  type IdentityTerms,
  makeCode,
  type Sha256,
} from '../duties/identity/index.ts';
import { isDeviceId, type PartyId, type RandomBytes } from '../kernel/ids.ts';
import { type Clock, type Instant, later } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { NewRecord } from '../parties/record.ts';
import type { Recorder } from './recorder.ts';

export interface RegisterParts<Tx> {
  readonly store: IdentityStore<Tx>;
  readonly registry: IdentityRegistry;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly sha256: Sha256;
  readonly terms: (agreement: string, model: string) => IdentityTerms;
  readonly modelExists: (agreement: string, model: string) => Promise<boolean>;
}

export interface NewDevice {
  readonly id: string;
  readonly model: string;
}
/** Shown once: the store keeps only the hash of `code`. */
export interface RegisteredDevice {
  readonly id: string;
  readonly pseudonym: string;
  readonly code: string;
  readonly codeExpiresAt: Instant;
}

/** The most devices of one call. */
export const maxRegistered = 1_000;

/** The registry of devices before they have keys (B2.2.1, B2.2.3). */
export interface Registration {
  /** All or none. Throws `device/duplicate` naming the ids that exist (or repeat), `request/invalid` for a wrong id or model. */
  registerDevices(owner: Owner, list: readonly NewDevice[]): Promise<readonly RegisteredDevice[]>;
  /** A new one-time code; the ones before it end. Throws `device/state` for a retired device. */
  newCode(device: Device): Promise<{ readonly code: string; readonly codeExpiresAt: Instant }>;
  /** Suspends, resumes or retires; throws `request/conflict` when the device changed meanwhile. */
  setState(device: Device, state: DeviceState, why: string): Promise<Device>;
}
/** The agreement must be the one in force of this party. */
export interface Owner {
  readonly agreement: string;
  readonly party: PartyId;
}

type Parts<Tx> = RegisterParts<Tx>;

export const makeRegistration = <Tx>(parts: Parts<Tx>): Registration => ({
  registerDevices: (owner, list) => registerDevices(parts, owner, list),
  newCode: async (device) => {
    if (device.state === 'retired') throw new Problem('device/state', 'the device is retired');
    const { code, text } = codeFor(parts, device);
    await parts.transact((tx) => parts.store.putCodes(tx, [code]));
    return { code: text, codeExpiresAt: code.expires };
  },
  setState: (device, state, why) => setState(parts, device, state, why),
});

function codeFor<Tx>(parts: Parts<Tx>, device: Device): { readonly code: EnrolmentCode; readonly text: string } {
  const text = makeCode(parts.random);
  const created = parts.clock.now();
  const { codeLife } = parts.terms(device.agreement, device.model);
  const { agreement, party, id } = device;
  const hash = hashCode(parts.sha256, text);
  return { text, code: { hash, agreement, party, device: id, created, expires: later(created, codeLife) } };
}

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** `d_` and 16 characters of 6 random bits: says nothing about the device. */
const makePseudonym = (random: RandomBytes): string =>
  `d_${Array.from(random(16), (byte) => base64url[byte & 63] ?? '').join('')}`;

async function demandModels<Tx>(parts: Parts<Tx>, agreement: string, list: readonly NewDevice[]): Promise<void> {
  for (const model of new Set(list.map((device) => device.model)))
    if (!(await parts.modelExists(agreement, model))) throw new Problem('request/invalid', `no model ${model}`);
}

const repeated = (ids: readonly string[]): readonly string[] => ids.filter((id, at) => ids.indexOf(id) !== at);
/** At most 20 names: the answer stays readable. */
const named = (ids: readonly string[]): string =>
  ids.slice(0, 20).join(', ') + (ids.length > 20 ? ` and ${ids.length - 20} more` : '');

function toDevice<Tx>({ clock, random }: Parts<Tx>, { agreement, party }: Owner, { id, model }: NewDevice): Device {
  if (!isDeviceId(id)) throw new Problem('request/invalid', 'device ids are 1 to 64 of A-Z a-z 0-9 _ -');
  const fresh = { state: 'registered', level: 0, clone: 'none' } as const;
  return { agreement, party, id, model, pseudonym: makePseudonym(random), created: clock.now(), ...fresh };
}

async function registerDevices<Tx>(
  parts: Parts<Tx>,
  owner: Owner,
  list: readonly NewDevice[],
): Promise<readonly RegisteredDevice[]> {
  const { store, registry, recorder } = parts;
  if (registry.party(owner.party).agreement !== owner.agreement)
    throw new Problem('agreement/not-in-force', 'both parties must sign the agreement first');
  if (list.length === 0 || list.length > maxRegistered)
    throw new Problem('request/invalid', `register 1 to ${maxRegistered} devices at once`);
  await demandModels(parts, owner.agreement, list);
  const devices = list.map((one) => toDevice(parts, owner, one));
  const twice = repeated(list.map(({ id }) => id));
  if (twice.length > 0) throw new Problem('device/duplicate', `named twice: ${named(twice)}`);
  const codes = devices.map((device) => codeFor(parts, device));
  await parts.transact(async (tx) => {
    const taken = await store.addDevices(tx, devices);
    if (taken.length > 0) throw new Problem('device/duplicate', `registered already: ${named(taken)}`);
    await store.putCodes(
      tx,
      codes.map(({ code }) => code),
    );
    await recorder.recordIn(
      tx,
      devices.map(
        ({ agreement, pseudonym, model, id }): NewRecord => ({
          agreement,
          kind: 'device.register',
          outcome: 'registered',
          body: { device: pseudonym, model },
          personal: { id },
        }),
      ),
    );
  });
  for (const device of devices) registry.putDevice(device);
  return devices.map(({ id, pseudonym }, at) => {
    const made = codes[at];
    if (!made) throw new RangeError('a device without code');
    return { id, pseudonym, code: made.text, codeExpiresAt: made.code.expires };
  });
}

async function setState<Tx>(parts: Parts<Tx>, device: Device, state: DeviceState, why: string): Promise<Device> {
  await parts.transact(async (tx) => {
    if (!(await parts.store.changeDevice(tx, device, { state })))
      throw new Problem('request/conflict', 'the device changed meanwhile');
    await parts.recorder.recordIn(tx, [
      {
        agreement: device.agreement,
        kind: 'device.state',
        outcome: state,
        body: { device: device.pseudonym, state, why },
      },
    ]);
  });
  const changed = { ...device, state };
  parts.registry.putDevice(changed);
  return changed;
}
