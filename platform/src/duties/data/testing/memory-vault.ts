import type { KeyVault, WrappedKey } from '../seal-port.ts';

/** A vault that keeps everything in memory, as durable as the test. `broken`: every call is rejected. */
export class MemoryVault implements KeyVault {
  readonly keys: WrappedKey[] = [];
  masterKey: Uint8Array | undefined = new Uint8Array(32).fill(7);
  broken = false;

  #answer<T>(value: T): Promise<T> {
    return this.broken ? Promise.reject(new Error('the vault is broken')) : Promise.resolve(value);
  }

  master(): Promise<Uint8Array | undefined> {
    return this.#answer(this.masterKey?.slice());
  }

  load(agreement: string): Promise<readonly WrappedKey[]> {
    return this.#answer(this.keys.filter((key) => key.agreement === agreement));
  }

  save(key: WrappedKey): Promise<void> {
    if (!this.broken) this.keys.push(key);
    return this.#answer(undefined);
  }
}
