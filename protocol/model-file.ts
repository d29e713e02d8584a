import { type Static, Type } from 'typebox';
import { body, Hex32, Model } from './records/parts.ts';

/** Resistance of a device against physical tampering (row B2.1.2); the index is the order. */
export const tamperClasses = ['none', 'evident', 'resistant', 'responsive'] as const;
export type TamperClass = (typeof tamperClasses)[number];

const Words = Type.String({ minLength: 1, maxLength: 500 });
const Email = Type.String({ pattern: '^[^\\s@<>"]{1,64}@[^\\s@<>"]{1,190}$' });

/** An interface the device has, whether a program can reach it in the field or not. */
export const ModelInterface = body({
  kind: Type.Enum(['network', 'radio', 'serial', 'usb', 'debug', 'storage', 'user', 'other']),
  name: Words,
  /** What speaks there; for `debug`, whether and how it is closed. */
  note: Type.Optional(Words),
  enabled: Type.Boolean(),
});
/** One threat that was considered and what stands against it. */
export const ModelThreat = body({ threat: Words, control: Words });
/** A firmware version that party B released for the model. */
export const ModelFirmware = body({
  version: Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$' }),
  sbomSha256: Type.Optional(Hex32),
});

/**
 * The security file of a device model (row B2.1.1), thin form. Party B signs its RFC 8785 bytes (JWS ES256). The
 * SBOM is a document of its own; `firmware` names it by digest where there is one per version.
 */
export const ModelFile = body({
  v: Type.Literal('pactgate/model-file/1'),
  model: Model,
  party: Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' }),
  /** Grows with every publication. */
  version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  /** Who answers for the security of the model: an office, not a person, where possible. */
  contact: body({ name: Words, email: Email, phone: Type.Optional(Type.String({ minLength: 3, maxLength: 40 })) }),
  /** Last day of security support. */
  supportEnd: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }),
  tamperClass: Type.Enum([...tamperClasses]),
  interfaces: Type.Array(ModelInterface, { minItems: 1, maxItems: 64 }),
  threats: Type.Array(ModelThreat, { minItems: 1, maxItems: 128 }),
  firmware: Type.Array(ModelFirmware, { minItems: 1, maxItems: 256 }),
});
export type ModelFile = Static<typeof ModelFile>;
