import { cp } from 'node:fs/promises';
import path from 'node:path';
import { clientOf, http, pin } from '../live/api.ts';
import { startPlatform } from '../live/platform.ts';
import { until } from '../live/process.ts';
import type { Cleanup, World } from './world.ts';

/** A backup of the running platform; keys lie apart from it. */
export interface Backup {
  readonly files: string;
  readonly keys: string;
}

export async function backUp({ scratch, platform, operator, progress }: World): Promise<Backup> {
  const backup = { files: path.join(scratch, 'backup'), keys: path.join(scratch, 'backup-keys') };
  const words = ['backup', '--data', platform.data, '--output', backup.files, '--keys', backup.keys];
  const { code } = await operator.cli.call(words, { expect: 'any' });
  progress.held('backed up while it runs', code === 0, `exit ${code}`);
  return backup;
}

/**
 * Somebody puts an old copy of the database back: a second platform starts on it, with the marks of what was served
 * since. It must see that its ledgers end too early and sign nothing.
 */
export async function tryOldCopy(world: World, backup: Backup, cleanup: Cleanup): Promise<void> {
  const { scratch, platform, operator, progress } = world;
  const data = path.join(scratch, 'old-copy');
  await operator.cli.call(['restore', '--data', data, '--input', backup.files, '--keys', backup.keys]);
  for (const name of ['kek', 'high-water'])
    await cp(path.join(platform.data, name), path.join(data, name), { recursive: true });
  const started = performance.now();
  const copy = await startPlatform({ data });
  progress.note(`started in ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  cleanup.add('old copy', () => copy.process.stop());
  const server = await pin(copy.console, copy.rootSha256);
  const ready = await http(server, { method: 'GET', path: '/readyz' });
  progress.held('it says that it is not ready', ready.status === 503, `HTTP ${ready.status}`);
  const client = clientOf(server, { token: operator.token });
  const { items } = await client.call('logs', {});
  const held = items.filter(({ signing }) => !signing).map(({ origin }) => origin);
  progress.held('its ledgers refuse to sign', held.length >= 3, `${held.length} of ${items.length}`);
  const sizes = new Map(items.map(({ id, published }) => [id, published]));
  const grown = await until(
    async () =>
      (await client.call('logs', {})).items.find(
        ({ id, published }) => held.length > 0 && published > (sizes.get(id) ?? 0),
      ),
    { within: 1_500, every: 500 },
  );
  progress.held('nothing is published after the old end', grown === undefined, grown?.origin ?? '');
  const began = performance.now();
  const code = await copy.process.stop();
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  progress.held(
    'it stops when asked',
    code === 0,
    `exit ${code} after ${seconds} s: ${copy.process.tail().slice(-600)}`,
  );
}
