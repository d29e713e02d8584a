import type { ReactElement } from 'react';
import type { Answer } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { Facts } from '../../parts/page.tsx';

export type Particulars = Answer<'agreement'>['partyB'];

/** Who a party is. The other party typed it, so it is shown as text and nothing else. */
export function ParticularsFacts({ particulars }: { readonly particulars: Particulars }): ReactElement {
  const { w } = useWords();
  const { name, representative, address, register, contactEmail } = particulars;
  return (
    <Facts
      facts={[
        { label: w('party.name'), value: name, wide: true },
        { label: w('party.representative'), value: representative },
        { label: w('party.email'), value: contactEmail },
        {
          label: register.kind === 'uscc' ? w('party.uscc') : register.registerName,
          value: <code>{register.number}</code>,
        },
        { label: w('party.address'), value: address, wide: true },
      ]}
    />
  );
}
