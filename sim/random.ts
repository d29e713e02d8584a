/** A stream of numbers in [0, 1) that a seed fixes: a simulated device behaves the same in every run. */
export type Random = () => number;

/** FNV-1a over the UTF-16 units of a text, for seeding by name. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A generator of 32 bits of state (a Weyl sequence through a mixing function): for readings, never for secrets. */
export function seeded(name: string): Random {
  let state = seedOf(name);
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** A value that wanders inside its bounds, drawn back to the middle: what a sensor on a machine shows. */
export interface Walk {
  readonly least: number;
  readonly most: number;
  /** Greatest step of one reading. */
  readonly step: number;
}

/** The next value of a walk. */
export function wander(value: number, { least, most, step }: Walk, random: Random): number {
  const middle = (least + most) / 2;
  const pull = ((middle - value) / (most - least)) * step;
  return Math.min(most, Math.max(least, value + pull + (random() * 2 - 1) * step));
}

/** A number as a sensor with so many decimals prints it. */
export const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));
