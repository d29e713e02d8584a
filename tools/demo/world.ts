import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@pactgate/protocol/api';
import type { SimModel } from '@pactgate/sim';
import type { Server } from '../live/api.ts';
import type { Cli } from '../live/cli.ts';
import type { LivePlatform } from '../live/platform.ts';
import type { Progress } from './progress.ts';

/** A device party of the demo. */
export interface PartyPlan {
  readonly id: string;
  readonly name: string;
  readonly representative: string;
  readonly address: string;
  readonly register: { readonly uscc: string } | { readonly register: string; readonly number: string };
  /** Network of its devices: 127.0.N.x. */
  readonly network: number;
  readonly models: readonly { readonly model: SimModel; readonly devices: number; readonly prefix: string }[];
}

/** A device party that has joined. */
export interface Party {
  readonly plan: PartyPlan;
  readonly agreement: string;
  /** Id of the agreement's log in addresses. */
  readonly log: string;
  readonly origin: string;
  readonly cli: Cli;
  /** Directory of its keys, made by its own command line. */
  readonly keys: string;
  /** The REST API as its administrator. */
  readonly client: Client;
  readonly token: string;
}

/** Party A's people as the demo plays them. */
export interface Operator {
  readonly client: Client;
  readonly cli: Cli;
  readonly email: string;
  readonly password: string;
  readonly token: string;
}

export interface World {
  readonly scratch: string;
  readonly platform: LivePlatform;
  readonly server: Server;
  readonly operator: Operator;
  readonly progress: Progress;
}

export const policyFile = ({ keys }: Party): string => path.join(keys, 'policy.json');

/** Ends what runs on its own, last started first. */
export class Cleanup {
  readonly #tasks: { readonly what: string; readonly work: () => unknown }[] = [];

  add(what: string, work: () => unknown): void {
    this.#tasks.push({ what, work });
  }

  async run(say: (line: string) => void): Promise<void> {
    for (const { what, work } of this.#tasks.splice(0).toReversed()) {
      try {
        await Promise.race([work(), wait(20_000, undefined, { ref: false })]);
      } catch (cause) {
        say(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`);
      }
    }
  }
}
