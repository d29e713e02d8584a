import { entriesPath, type TileReader, tilePath } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import { Failure } from './failure.ts';
import type { HttpAnswer } from './https.ts';
import { both } from './language.ts';
import type { Session } from './session.ts';

/** Most octets of a tile and of a bundle of 256 entries of at most 65,535 (C2SP tlog-tiles). */
const limits = { tile: 8_192, entries: 16 * 1_024 * 1_024 + 1_024, note: 65_536 };

/** Path of a log on its server: an origin is its address without the scheme, `<host>/logs/<log>/<shard>`. */
export function logPath(origin: string): string {
  const at = origin.indexOf('/');
  const path = at < 0 ? '' : origin.slice(at);
  if (!/^\/logs\/[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+$/.test(path))
    throw new Failure('refused', both(`账本名称不符合约定：${origin}`, `not an origin of this platform: ${origin}`));
  return path;
}

/** The body, or `undefined` where the server has none for us; a failure of the server itself is thrown. */
function bodyIfThere({ status, body }: HttpAnswer): Uint8Array | undefined {
  if (status === 200) return body;
  if (status === 401 || status === 403 || status === 404) return undefined;
  throw new Failure('unavailable', both(`服务器回答 HTTP ${status}`, `the server answers HTTP ${status}`));
}

/** A path below a log's prefix. */
export async function readLogFile(session: Session, origin: string, path: string): Promise<Uint8Array | undefined> {
  const ofTile = path.startsWith('tile/entries/') ? limits.entries : limits.tile;
  const most = path.startsWith('tile/') ? ofTile : limits.note;
  return bodyIfThere(await session.get(`${logPath(origin)}/${path}`, most));
}

/** Tiles of a log of the session's platform; nothing they say is trusted. */
export const tilesOf = (session: Session, origin: string): TileReader => ({
  readTile: (tile) => readLogFile(session, origin, tilePath(tile)),
  readEntries: (entries) => readLogFile(session, origin, entriesPath(entries)),
});

/** An answer of the API, or `undefined` where there is none for us. */
export async function ifThere<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (cause) {
    const absent =
      cause instanceof Problem &&
      /^(ledger\/not-found|request\/not-found|auth\/(required|forbidden))$/.test(cause.code);
    if (absent) return undefined;
    throw cause;
  }
}
