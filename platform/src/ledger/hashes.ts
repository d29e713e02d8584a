import { type HashReader, nodeInTile, rootOfLeaves, type TreeHasher } from '@pactgate/proof';

const hashSize = 32;

/** Subtree hashes of a log from its stored tiles; for comparing our own tree with a root somebody else has signed. */
export function storedHashes(
  hasher: TreeHasher,
  tile: (level: number, index: number, width: number) => Promise<Uint8Array | undefined>,
): HashReader {
  return {
    read: (nodes) =>
      Promise.all(
        nodes.map(async (node) => {
          const { tileLevel, tileIndex, from, to } = nodeInTile(node);
          const bytes = await tile(tileLevel, tileIndex, to);
          if (!bytes) throw new RangeError(`tile ${tileLevel}/${tileIndex} has not ${to} hashes`);
          const hashes = Array.from({ length: to - from }, (_, i) =>
            bytes.subarray((from + i) * hashSize, (from + i + 1) * hashSize),
          );
          return rootOfLeaves(hasher, hashes);
        }),
      ),
  };
}
