/** floor(p^(1/power) * 2^32) mod 2^32, in integers, so that no rounding of a float can leak into a constant. */
function rootBits(p: number, power: bigint): number {
  const target = BigInt(p) << (32n * power);
  let low = 0n;
  let high = 1n << 36n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** power <= target) low = middle;
    else high = middle;
  }
  return Number(BigInt.asIntN(32, low));
}

/** Fractional bits of cube roots (`table`) and square roots (`initial`) of the first primes (FIPS 180-4, 4.2.2, 5.3.3). */
function constants(): { readonly table: Int32Array; readonly initial: Int32Array } {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return {
    table: Int32Array.from(primes, (p) => rootBits(p, 3n)),
    initial: Int32Array.from(primes.slice(0, 8), (p) => rootBits(p, 2n)),
  };
}

const { table: K, initial: H0 } = constants();
// Scratch space: the function below is synchronous, so two calls never overlap.
const w = new Int32Array(64);
const state = new Int32Array(8);
const tail = new Uint8Array(128);

/** Element of an array whose length the caller knows: 0 is never taken for a missing one. */
const at = (words: Int32Array | Uint8Array, i: number): number => words[i] ?? 0;

function schedule(bytes: Uint8Array, from: number): void {
  for (let i = 0; i < 16; i++) {
    const p = from + i * 4;
    w[i] = (at(bytes, p) << 24) | (at(bytes, p + 1) << 16) | (at(bytes, p + 2) << 8) | at(bytes, p + 3);
  }
  for (let i = 16; i < 64; i++) {
    const x = at(w, i - 15);
    const y = at(w, i - 2);
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (at(w, i - 16) + s0 + at(w, i - 7) + s1) | 0;
  }
}

function compress(bytes: Uint8Array, from: number): void {
  schedule(bytes, from);
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  let f = at(state, 5);
  let g = at(state, 6);
  let h = at(state, 7);
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(K, i) + at(w, i)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  add(0, a);
  add(1, b);
  add(2, c);
  add(3, d);
  add(4, e);
  add(5, f);
  add(6, g);
  add(7, h);
}

function add(i: number, value: number): void {
  state[i] = at(state, i) + value;
}

/**
 * SHA-256 (FIPS 180-4) without any platform: the default of `ProofCrypto`, because WebCrypto's digest is asynchronous
 * and a Merkle tree asks for thousands of digests. The server passes its own, about twice as fast.
 */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  state.set(H0);
  const whole = bytes.length - (bytes.length % 64);
  for (let from = 0; from < whole; from += 64) compress(bytes, from);

  const rest = bytes.length - whole;
  tail.fill(0);
  tail.set(bytes.subarray(whole));
  tail[rest] = 0x80;
  const end = rest < 56 ? 64 : 128;
  const view = new DataView(tail.buffer);
  view.setUint32(end - 8, Math.floor(bytes.length / 0x2000_0000));
  view.setUint32(end - 4, (bytes.length * 8) % 0x1_0000_0000);
  for (let from = 0; from < end; from += 64) compress(tail, from);

  const out = new Uint8Array(32);
  const digest = new DataView(out.buffer);
  for (let i = 0; i < 8; i++) digest.setInt32(i * 4, at(state, i));
  return out;
}
