/** A whole number below a bound, from a seed: the same seed gives the same input. */
export type Pick = (below: number) => number;

/** 32 bits of state through a mixing function; for inputs, never for secrets. */
export function pickFrom(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below;
  };
}

/** Octets at which parsers of text, lengths and tags go wrong. */
const edges = [0x00, 0x01, 0x1f, 0x22, 0x5c, 0x7b, 0x7d, 0x7f, 0x80, 0x84, 0xa0, 0xbf, 0xc0, 0xed, 0xf4, 0xff];

/** Up to six small damages: a bit, an octet, a cut, a piece removed, doubled or moved. */
export function mutateBytes(whole: Uint8Array, pick: Pick): Buffer {
  let bytes = Buffer.from(whole);
  for (let n = 1 + pick(6); n > 0 && bytes.length > 0; n--)
    bytes = damages[pick(damages.length)]?.(bytes, pick) ?? bytes;
  return bytes;
}

type Damage = (bytes: Buffer<ArrayBuffer>, pick: Pick) => Buffer<ArrayBuffer>;
const put = (bytes: Buffer<ArrayBuffer>, at: number, value: number): Buffer<ArrayBuffer> => {
  const changed = Buffer.from(bytes);
  changed[at] = value & 0xff;
  return changed;
};
const damages: readonly Damage[] = [
  (bytes, pick) => {
    const at = pick(bytes.length);
    return put(bytes, at, (bytes[at] ?? 0) ^ (1 << pick(8)));
  },
  (bytes, pick) => put(bytes, pick(bytes.length), edges[pick(edges.length)] ?? 0),
  (bytes, pick) => bytes.subarray(0, pick(bytes.length + 1)),
  (bytes, pick) => {
    const at = pick(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + pick(8))]);
  },
  (bytes, pick) => {
    const at = pick(bytes.length);
    const piece = bytes.subarray(at, at + 1 + pick(32));
    return Buffer.concat([
      bytes.subarray(0, at),
      piece,
      ...(pick(8) === 0 ? Array.from({ length: 64 }, () => piece) : [piece]),
      bytes.subarray(at),
    ]);
  },
  (bytes, pick) => {
    const [at, to] = [pick(bytes.length), pick(bytes.length)];
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at, at + 1 + pick(16)), bytes.subarray(to)]);
  },
];

/** Values that a schema meets where it expects another. */
const odd: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  0.1,
  2 ** 53,
  '',
  '0',
  'a'.repeat(5_000),
  '\u0000',
  '\ud800',
  'é水',
  '__proto__',
  'P9999999Y',
  '2026-02-30',
  '/'.repeat(300),
  [],
  {},
  [[]],
  Array.from({ length: 300 }, () => 0),
  JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":1}}'),
];

/** A JSON value with one to four members replaced, removed, doubled or nested deeper. */
export function mutateJson(value: unknown, pick: Pick): unknown {
  const copy: { root: unknown } = { root: structuredClone(value) };
  for (let n = 1 + pick(4); n > 0; n--) mutateOne(copy, pick);
  return copy.root;
}

type Place = { holder: Record<string, unknown>; key: string };

/** A random member, at a random depth. */
function placeIn(copy: { root: unknown }, pick: Pick): Place {
  let place: Place = { holder: copy, key: 'root' };
  for (let depth = 0; depth < 8; depth++) {
    const inner = place.holder[place.key];
    if (typeof inner !== 'object' || inner === null || (depth > 0 && pick(4) === 0)) return place;
    const keys = Object.keys(inner);
    if (keys.length === 0) return place;
    place = { holder: inner as Record<string, unknown>, key: keys[pick(keys.length)] ?? '' };
  }
  return place;
}

function mutateOne(copy: { root: unknown }, pick: Pick): void {
  const { holder, key } = placeIn(copy, pick);
  const how = pick(6);
  if (how === 0 && holder !== copy) Reflect.deleteProperty(holder, key);
  else if (how === 1) holder[key] = [holder[key], holder[key]];
  else if (how === 2) holder[key] = { [key]: holder[key] };
  else if (how === 3 && holder !== copy) holder[`${key}x`] = holder[key];
  else if (how === 4 && typeof holder[key] === 'string')
    holder[key] = mutateBytes(Buffer.from(holder[key]), pick).toString('utf8');
  else holder[key] = structuredClone(odd[pick(odd.length)]);
}
