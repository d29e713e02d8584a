import type { Particulars } from '@pactgate/agreement';
import type { Agreement, Party, PartyKey } from './agreement.ts';

/**
 * Storage of parties and agreements. Writes take the caller's transaction; `changeAgreement` is a compare-and-swap on
 * the state and answers false when somebody was first. Reads see every committed write.
 */
export interface AgreementStore<Tx> {
  putParty(tx: Tx, party: Party): Promise<void>;
  setParticulars(tx: Tx, party: string, particulars: Particulars): Promise<void>;
  party(id: string): Promise<Party | undefined>;
  parties(): Promise<readonly Party[]>;
  putKey(tx: Tx, key: PartyKey): Promise<void>;
  /** Live keys of a party. */
  keys(party: string): Promise<readonly PartyKey[]>;
  addAgreement(tx: Tx, agreement: Agreement): Promise<void>;
  changeAgreement(tx: Tx, from: Agreement, to: Agreement): Promise<boolean>;
  agreement(id: string): Promise<Agreement | undefined>;
  agreementOf(party: string): Promise<Agreement | undefined>;
  agreements(): Promise<readonly Agreement[]>;
}
