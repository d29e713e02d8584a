import type { VerifiedCheckpoint } from '../checkpoint.ts';
import type { ProofCrypto } from '../crypto.ts';
import { treeHasher } from '../merkle/hasher.ts';
import { type TileReader, VerifiedLog } from '../tiles/reader.ts';
import type { Report } from './report.ts';

/** Step 8: the tiles lead to the root the log signed. */
export async function checkTiles(
  report: Report,
  crypto: ProofCrypto,
  tiles: TileReader,
  { checkpoint }: VerifiedCheckpoint,
): Promise<VerifiedLog | undefined> {
  const log = new VerifiedLog(treeHasher(crypto), tiles, checkpoint);
  const text = { zh: '哈希块推不出所签的根', en: 'The tiles do not lead to the signed root' };
  const done = await report.attempt('tiles', text, () => log.verifyHead().then(() => true), checkpoint.origin);
  if (done === undefined) return undefined;
  report.holds('tiles', { zh: '哈希块推出所签的根', en: 'The tiles lead to the signed root' }, checkpoint.origin);
  return log;
}
