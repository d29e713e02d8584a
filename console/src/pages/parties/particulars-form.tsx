import { checkUscc } from '@pactgate/agreement';
import { Form, Input, Segmented } from 'antd';
import type { ReactElement } from 'react';
import type { Ask } from '../../app/api.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { EmailItem } from '../sign/fields.tsx';

export type Particulars = Ask<'setPlatformParticulars'>['body'];
/** As the form holds them: the number of either register, side by side. */
export interface ParticularsValues {
  readonly name: string;
  readonly representative: string;
  readonly address: string;
  readonly contactEmail: string;
  readonly kind: 'uscc' | 'other';
  readonly uscc?: string;
  readonly registerName?: string;
  readonly number?: string;
}

const upper = (code: string): string => code.replaceAll(/\s/g, '').toUpperCase();

/** What the API takes, of what was typed. */
export function toParticulars(values: ParticularsValues): Particulars {
  const { kind, uscc = '', registerName = '', number = '' } = values;
  return {
    name: values.name.trim(),
    representative: values.representative.trim(),
    address: values.address.trim(),
    contactEmail: values.contactEmail.trim(),
    register:
      kind === 'uscc'
        ? { kind, number: upper(uscc) }
        : { kind, registerName: registerName.trim(), number: number.trim() },
  };
}

export function toValues(particulars: Particulars | undefined): Partial<ParticularsValues> {
  if (particulars === undefined) return { kind: 'uscc' };
  const { register, ...rest } = particulars;
  return register.kind === 'uscc'
    ? { ...rest, kind: 'uscc', uscc: register.number }
    : { ...rest, kind: 'other', registerName: register.registerName, number: register.number };
}

/** What is wrong with a unified social credit code, in words; undefined: nothing. */
export function usccFault(code: string, w: Words['w']): string | undefined {
  const checked = checkUscc(upper(code));
  if (checked.ok) return undefined;
  return w(`party.uscc.${checked.cause}`, { place: checked.place ?? 0 });
}

interface TextItemProps {
  readonly name: keyof ParticularsValues;
  readonly label: string;
}
const TextItem = ({ name, label }: TextItemProps): ReactElement => {
  const { w } = useWords();
  return (
    <Form.Item name={name} label={label} rules={[{ required: true, whitespace: true, message: w('common.required') }]}>
      <Input maxLength={200} />
    </Form.Item>
  );
};

/** Who a party is: the items of a form that holds {@link ParticularsValues}. */
export function ParticularsItems(): ReactElement {
  const { w } = useWords();
  const kind = Form.useWatch<ParticularsValues['kind'] | undefined>('kind') ?? 'uscc';
  return (
    <>
      <TextItem name="name" label={w('party.name')} />
      <Form.Item name="kind" label={w('party.register')}>
        <Segmented
          options={[
            { value: 'uscc', label: w('party.uscc') },
            { value: 'other', label: w('party.other') },
          ]}
        />
      </Form.Item>
      {kind === 'uscc' ? (
        <UsccItem />
      ) : (
        <>
          <TextItem name="registerName" label={w('party.registerName')} />
          <TextItem name="number" label={w('party.number')} />
        </>
      )}
      <TextItem name="representative" label={w('party.representative')} />
      <TextItem name="address" label={w('party.address')} />
      <EmailItem name="contactEmail" label={w('party.email')} />
    </>
  );
}

function UsccItem(): ReactElement {
  const { w } = useWords();
  const typed = Form.useWatch<string | undefined>('uscc') ?? '';
  const whole = upper(typed).length === 18;
  const good = whole && usccFault(typed, w) === undefined;
  return (
    <Form.Item
      name="uscc"
      label={w('party.uscc')}
      validateTrigger={whole ? 'onChange' : 'onBlur'}
      hasFeedback={good}
      {...(good ? { validateStatus: 'success' as const, extra: w('party.uscc.ok') } : {})}
      rules={[
        {
          validator: (_, value: string | undefined) => {
            const fault = usccFault(value ?? '', w);
            return fault === undefined ? Promise.resolve() : Promise.reject(new Error(fault));
          },
        },
      ]}
    >
      <Input maxLength={40} spellCheck={false} className="mono" placeholder="91350100M000100Y43" />
    </Form.Item>
  );
}
