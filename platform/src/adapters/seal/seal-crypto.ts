import { createCipheriv, createDecipheriv, randomBytes, randomFillSync } from 'node:crypto';
import type { SealCrypto } from '../../duties/data/index.ts';

/** Names of `node:crypto`, in one place. */
const algorithms = { seal: 'aes-256-gcm', wrap: 'id-aes256-wrap-pad' } as const;
const ivLength = 12;
const tagLength = 16;
/** Alternative initial value of RFC 5649 section 3: its first half. OpenSSL adds the length. */
const wrapIv = Uint8Array.of(0xa6, 0x59, 0x59, 0xa6);

/** IVs are drawn by the thousand: a call into the generator for each costs more than half a seal. */
const pool = Buffer.alloc(ivLength * 1_024);
let next = pool.length;

function takeIv(out: Buffer, at: number): void {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  pool.copy(out, at, next, next + ivLength);
  // Used IVs stay nowhere: should the pool ever be read twice, it must not give the same ones.
  pool.fill(0, next, next + ivLength);
  next += ivLength;
}

function sealWithNode(key: Uint8Array, head: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const start = head.length;
  const out = Buffer.allocUnsafe(start + ivLength + plaintext.length + tagLength);
  out.set(head);
  takeIv(out, start);
  const cipher = createCipheriv(algorithms.seal, key, out.subarray(start, start + ivLength), {
    authTagLength: tagLength,
  });
  cipher.setAAD(aad);
  out.set(cipher.update(plaintext), start + ivLength);
  cipher.final();
  out.set(cipher.getAuthTag(), out.length - tagLength);
  return out;
}

function openWithNode(key: Uint8Array, group: Uint8Array, aad: Uint8Array): Uint8Array | undefined {
  if (group.length < ivLength + tagLength) return undefined;
  const decipher = createDecipheriv(algorithms.seal, key, group.subarray(0, ivLength), { authTagLength: tagLength });
  decipher.setAAD(aad);
  decipher.setAuthTag(group.subarray(group.length - tagLength));
  const plaintext = decipher.update(group.subarray(ivLength, group.length - tagLength));
  try {
    decipher.final();
  } catch {
    // What `final` throws says only that the tag does not match: the answer this function has for that.
    plaintext.fill(0);
    return undefined;
  }
  return plaintext;
}

function wrapWithNode(kek: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv(algorithms.wrap, kek, wrapIv);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

function unwrapWithNode(kek: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined {
  const decipher = createDecipheriv(algorithms.wrap, kek, wrapIv);
  try {
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    // A wrapped key that fails its own check: damaged, or of another key. Nothing more is known about it.
    return undefined;
  }
}

/** Sealing by `node:crypto`. */
export const nodeSealCrypto: SealCrypto = {
  seal: sealWithNode,
  open: openWithNode,
  wrap: wrapWithNode,
  unwrap: unwrapWithNode,
  fresh: (octets) => randomBytes(octets),
};
