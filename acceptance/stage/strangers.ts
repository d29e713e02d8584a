import { type Impostor, makeImpostor } from '@pactgate/sim';

/** A certificate of an attacker's own CA that names a real device. */
export const fetchTrustless = (party: string, device: string): Impostor =>
  makeImpostor(`pactgate://${party}.pactgate.local/${device}`, Date.now());
