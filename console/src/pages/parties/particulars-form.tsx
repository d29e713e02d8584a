import { Form, Input, Segmented } from 'antd';
import type { ReactElement } from 'react';
import { useWords } from '../../app/i18n.ts';
import { EmailItem } from '../sign/fields.tsx';
import { type ParticularsValues, upper, usccFault } from './particulars.ts';

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
      validateTrigger={whole ? ['onBlur', 'onChange'] : 'onBlur'}
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
