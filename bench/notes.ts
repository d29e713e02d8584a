import { median } from './report.ts';
import type { Server } from './servers.ts';

interface Found {
  readonly cost: number[];
  readonly p50: number[];
  readonly p99: number[];
}

/** What stands beside the rates of one case: processor time of one operation and its latency, by server. */
export class Notes {
  readonly #title: string;
  readonly #found = new Map<Server['name'], Found>();

  constructor(title: string) {
    this.#title = title;
  }

  /** @param cost microseconds of processor time of one operation, all threads of the server */
  add(name: Server['name'], cost: number, { p50Ms, p99Ms }: { readonly p50Ms: number; readonly p99Ms: number }): void {
    const known = this.#found.get(name) ?? { cost: [], p50: [], p99: [] };
    known.cost.push(cost);
    known.p50.push(p50Ms);
    known.p99.push(p99Ms);
    this.#found.set(name, known);
  }

  lines(): readonly string[] {
    return [...this.#found].map(([name, { cost, p50, p99 }]) => {
      const latency = `p50 ${median(p50).toFixed(1)} ms, p99 ${median(p99).toFixed(1)} ms`;
      return `${this.#title}, ${name}: ${median(cost).toFixed(1)} us of processor time each; answered in ${latency}`;
    });
  }
}
