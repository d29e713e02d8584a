import { type Bundle, parseBundle } from '../bundle/bundle.ts';
import type { ProofCrypto } from '../crypto.ts';
import type { ZipLimits } from '../zip.ts';
import type { Report } from './report.ts';

/** Step 1: the zip is canonical and the manifest names every file with its digest. Finds any changed byte. */
export async function checkManifestStep(
  report: Report,
  crypto: ProofCrypto,
  bytes: Uint8Array,
  limits: ZipLimits | undefined,
): Promise<Bundle | undefined> {
  const text = { zh: '证据包无法通过完整性检查', en: 'The bundle is not intact' };
  const bundle = await report.attempt('manifest', text, () => parseBundle(crypto, bytes, limits));
  if (bundle === undefined) return undefined;
  const files = bundle.logs.reduce((sum, log) => sum + log.tiles.size, 0);
  report.holds('manifest', {
    zh: `证据包完整：${bundle.logs.length} 个日志、${files} 个哈希块和条目包的摘要都与清单一致`,
    en: `The bundle is intact: ${bundle.logs.length} logs, ${files} tiles and entry bundles match the manifest`,
  });
  return bundle;
}
