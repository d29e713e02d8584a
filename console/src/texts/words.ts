import { accountWords } from './account.ts';
import { agreementWords } from './agreement.ts';
import { commonWords } from './common.ts';
import { conductWords } from './conduct.ts';
import { deviceWords } from './device.ts';
import { ledgerWords } from './ledger.ts';
import { partyWords } from './party.ts';
import { signWords } from './sign.ts';

/** Words of the console, each in both languages side by side: nothing can be missing in one of them. */
export const words = {
  ...commonWords,
  ...signWords,
  ...accountWords,
  ...agreementWords,
  ...deviceWords,
  ...conductWords,
  ...ledgerWords,
  ...partyWords,
} as const;
export type Word = keyof typeof words;
