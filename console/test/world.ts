import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { modelDocuments, openFleet, simModels } from '../../sim/index.ts';
import { clientOf, pin } from '../../tools/live/api.ts';
import { openCli } from '../../tools/live/cli.ts';
import { ensureConsole, type LivePlatform, startPlatform } from '../../tools/live/platform.ts';
import type { Running } from '../../tools/live/process.ts';

type Server = Awaited<ReturnType<typeof pin>>;
type Client = ReturnType<typeof clientOf>;
type Fleet = ReturnType<typeof openFleet>;

/** A running platform with nobody in it yet, and party B's side of the story: its command line and its devices. */
export interface World {
  readonly platform: LivePlatform;
  readonly server: Server;
  /** B joins with its own keys and signs what it hashed itself. */
  join(link: string): Promise<void>;
  /** B keeps a witness running. */
  startWitness(): void;
  /** B hands in the files of a model, signed with its key. */
  putModel(agreement: string): Promise<void>;
  /** The API as B's administrator, once B has joined. */
  partyClient(): Promise<Client>;
  /** Devices enrol with their codes, connect and send. */
  startFleet(codes: ReadonlyMap<string, string>): Promise<Fleet>;
  /** The fleet that was started. */
  fleet(): Fleet;
  /** The SBOM of the model, as B keeps it. */
  sbom(): object;
  close(): Promise<void>;
}

export const party = { id: 'acme', name: 'Acme Pumps Ltd', uscc: '91350200M000100023' } as const;
export const model = simModels.pump;

function fleetOf(
  { mqttPort, devicePort, tripwirePort, rootSha256 }: LivePlatform,
  codes: ReadonlyMap<string, string>,
): Fleet {
  const devices = [...codes].map(([id, code], i) => ({
    id,
    party: party.id,
    model,
    code,
    localAddress: `127.0.9.${i + 1}`,
  }));
  const place = { host: '127.0.0.1', mqttPort, estPort: devicePort, tripwirePort, rootSha256 };
  return openFleet({ place, devices, interval: 1_000 });
}

const documentsOf = (agreement: string): ReturnType<typeof modelDocuments> =>
  modelDocuments(model, { party: party.id, agreement, version: 1, now: Date.now() });

export async function openWorld(): Promise<World> {
  const fault = await ensureConsole();
  if (fault !== undefined) throw new Error(fault);
  const scratch = await mkdtemp(path.join(tmpdir(), 'pactgate-console-'));
  const platform = await startPlatform({ data: path.join(scratch, 'data') });
  const server = await pin(platform.console, platform.rootSha256);
  const cli = openCli(path.join(scratch, 'profiles'));
  const running: Running[] = [];
  const fleets: Fleet[] = [];
  return {
    platform,
    server,
    join: async (link) => {
      const keys = path.join(scratch, 'keys');
      await mkdir(keys, { mode: 0o700 });
      const whole = link.includes('root=') ? link : `${link}&root=${platform.rootSha256}`;
      await cli.call(['party', 'join', '--invite', whole, '--dir', keys]);
      await cli.call(['agreement', 'sign', '--yes']);
    },
    startWitness: () => {
      running.push(cli.start(['witness', '--interval', '1']));
    },
    putModel: async (agreement) => {
      const documents = documentsOf(agreement);
      const files: string[] = [];
      for (const name of ['file', 'manifest', 'sbom'] as const) {
        const file = path.join(scratch, `${name}.json`);
        await writeFile(file, JSON.stringify(documents[name]));
        files.push(`--${name}`, file);
      }
      await cli.call(['model', 'put', model.id, ...files]);
    },
    partyClient: async () => {
      const { json } = await cli.call(['token', 'create', 'console', '--days', '1']);
      return clientOf(server, { token: String(json['secret']) });
    },
    startFleet: async (codes) => {
      const fleet = fleetOf(platform, codes);
      fleets.push(fleet);
      await fleet.enrol();
      await fleet.connect();
      return fleet;
    },
    fleet: () => {
      const [fleet] = fleets;
      if (!fleet) throw new Error('no fleet was started');
      return fleet;
    },
    sbom: () => documentsOf('').sbom,
    close: async () => {
      for (const fleet of fleets) await fleet.close();
      for (const each of running) await each.stop();
      await platform.process.stop();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
