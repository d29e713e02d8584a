import type { ModelFile } from '@pactgate/protocol';
import type { ReactElement } from 'react';
import { useWords } from '../../app/i18n.ts';
import { Facts } from '../../parts/page.tsx';
import { Tag } from '../../parts/status.tsx';
import { asFile, type Loose } from './documents.ts';

type File = Loose<ModelFile>;

/** The security file of a model, as party B signed it (row B2.1.1). */
export function SecurityFile({ file }: { readonly file: Readonly<Record<string, unknown>> }): ReactElement {
  const { w } = useWords();
  const { contact = {}, supportEnd = '—', tamperClass, firmware = [], interfaces = [], threats = [] } = asFile(file);
  return (
    <>
      <Facts
        facts={[
          {
            label: w('model.contact'),
            value: [contact.name, contact.email, contact.phone].filter(Boolean).join(' · '),
          },
          { label: w('model.support'), value: supportEnd },
          { label: w('model.tamper'), value: tamperClass === undefined ? '—' : w(`model.tamper.${tamperClass}`) },
          {
            label: w('model.firmware'),
            value: (
              <span className="row">
                {firmware.map(({ version }) => (
                  <code key={version}>{version}</code>
                ))}
              </span>
            ),
          },
        ]}
      />
      <div className="columns gap-above">
        <Interfaces interfaces={interfaces} />
        <Threats threats={threats} />
      </div>
    </>
  );
}

function Interfaces({ interfaces }: { readonly interfaces: NonNullable<File['interfaces']> }): ReactElement {
  const { w } = useWords();
  return (
    <section>
      <h3>{w('model.interfaces')}</h3>
      <ul>
        {interfaces.map(({ kind, name, note, enabled }) => (
          <li key={`${kind} ${name}`} className="row">
            <Tag tone={enabled ? 'info' : 'calm'}>{w(enabled ? 'model.enabled' : 'model.disabled')}</Tag>
            <span>
              {name} <span className="quiet">({kind})</span>
            </span>
            {note && <span className="quiet">{note}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Threats({ threats }: { readonly threats: NonNullable<File['threats']> }): ReactElement {
  const { w } = useWords();
  return (
    <section>
      <h3>{w('model.threats')}</h3>
      <ul>
        {threats.map(({ threat, control }) => (
          <li key={threat}>
            {threat} <span className="quiet">→ {control}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
