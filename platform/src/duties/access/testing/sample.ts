import { createHash } from 'node:crypto';
import { defaultPolicySet } from '../policy-set.ts';
import type { DeviceAttributes, Link, PolicySet } from '../ports.ts';
import type { TableSubject } from '../table.ts';

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** An active, unsuspicious device of `acme`, model `pump-2`. */
export const device = (more: Partial<DeviceAttributes> = {}): DeviceAttributes => ({
  device: 'dev-1',
  party: 'acme',
  model: 'acme/pump-2',
  groups: [],
  state: 'active',
  isolation: 0,
  riskBand: 0,
  keyLevel: 0,
  attestTier: 0,
  attestFresh: false,
  firmwareOk: true,
  ...more,
});
export const link = (more: Partial<Link> = {}): Link => ({
  channel: 3,
  pqc: true,
  source: 'public',
  protocol: 'mqtt5',
  ...more,
});
export const subject = (more: Partial<DeviceAttributes> = {}, over: Partial<Link> = {}): TableSubject => ({
  device: device(more),
  link: link(over),
  channels: [{ name: 'env', grade: 1 }],
});
export const standardSet: PolicySet = defaultPolicySet([{ party: 'acme', model: 'pump-2' }], 1, sha256);
