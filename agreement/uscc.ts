/** Digits and capital letters without I, O, S, V and Z; a character's place is its value (GB 32100-2015, table 1). */
const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const modulus = alphabet.length;

export type UsccCheck =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /**
       * `length`: not 18 characters. `character`: one that the code never uses, small letters included.
       * `division`: places 3 to 8 name an administrative division and are digits. `check-digit`: place 18 does not fit.
       */
      readonly cause: 'length' | 'character' | 'division' | 'check-digit';
      /** 1-based place of the first offending character, where one can be named. */
      readonly place?: number;
    };

/** Check character of the first 17 places: weights 3^i mod 31, complement to 31. */
function checkCharacter(first17: string): string {
  let sum = 0;
  let weight = 1;
  for (const char of first17) {
    sum += alphabet.indexOf(char) * weight;
    weight = (weight * 3) % modulus;
  }
  return alphabet.charAt((modulus - (sum % modulus)) % modulus);
}

/**
 * Checks a unified social credit code (统一社会信用代码) by its own check digit, GB 32100-2015.
 *
 * Any one wrong character and any two neighbours exchanged are found. It does not ask a register: a code that
 * passes can still belong to nobody, or to another. Nothing is trimmed or changed to capitals.
 */
export function checkUscc(code: string): UsccCheck {
  if (code.length !== 18) return { ok: false, cause: 'length' };
  const chars = code.split('');
  const strange = chars.findIndex((char) => !alphabet.includes(char));
  if (strange >= 0) return { ok: false, cause: 'character', place: strange + 1 };
  const letter = chars.slice(2, 8).findIndex((char) => !/\d/.test(char));
  if (letter >= 0) return { ok: false, cause: 'division', place: letter + 3 };
  if (checkCharacter(code.slice(0, 17)) !== chars[17]) return { ok: false, cause: 'check-digit', place: 18 };
  return { ok: true };
}
