import { type TObject, type TSchema, Type } from 'typebox';

/** Pseudonym of a device, random per registration: the registry maps it to the id; leaves and bodies carry only this. */
export const Pseudonym = Type.String({ pattern: '^d_[A-Za-z0-9_-]{16}$' });
export const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, lower-case hex' });
export const Serial = Type.String({ pattern: '^[0-9a-f]{2,40}$', description: 'certificate serial, lower-case hex' });
export const Count = Type.Integer({ minimum: 0 });
/** Epoch milliseconds. */
export const At = Type.Integer({ minimum: 0 });
export const Ms = Type.Number({ minimum: 0 });
export const Word = Type.String({ minLength: 1, maxLength: 128 });
export const Line = Type.String({ maxLength: 512 });
export const Code = Type.String({ pattern: '^[a-z]+(/[a-z0-9-]+)?$', maxLength: 64, description: 'problem code' });
export const Model = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });
export const Level = Type.Integer({ minimum: 0, maximum: 5 });
/** Window `[from, to)` in epoch milliseconds. */
export const Window = { from: At, to: At };
export const body = <const P extends Record<string, TSchema>>(properties: P): TObject<P> =>
  Type.Object(properties, { additionalProperties: false });
