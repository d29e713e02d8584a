import { Form, Input } from 'antd';
import type { ReactElement } from 'react';
import { useWords } from '../../app/i18n.ts';

/** As the platform's own check reads an address; what it means is for the mail server to say. */
const email = /^\s*[^\s@<>"]{1,64}@[^\s@<>"]{1,190}\s*$/;

interface EmailItemProps {
  readonly autoFocus?: boolean;
  readonly optional?: boolean;
  readonly label?: string;
  readonly name?: string | string[];
  readonly help?: string;
}

export function EmailItem({
  autoFocus = false,
  optional = false,
  label,
  name = 'email',
  help,
}: EmailItemProps): ReactElement {
  const { w } = useWords();
  return (
    <Form.Item
      name={name}
      label={label ?? w('sign.email')}
      extra={help}
      validateTrigger="onBlur"
      rules={[
        { required: !optional, message: w('common.required') },
        { pattern: email, message: w('sign.badEmail') },
      ]}
    >
      <Input type="email" autoComplete="username" autoFocus={autoFocus} maxLength={254} />
    </Form.Item>
  );
}

/** A new password, twice; the platform judges how well known it is. */
export function NewPasswordItems({ label }: { readonly label?: string }): ReactElement {
  const { w } = useWords();
  return (
    <>
      <Form.Item
        name="password"
        label={label ?? w('sign.password')}
        extra={w('sign.passwordHelp')}
        validateTrigger="onBlur"
        rules={[
          { required: true, message: w('common.required') },
          { min: 12, message: w('sign.passwordShort') },
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={200} />
      </Form.Item>
      <Form.Item
        name="again"
        label={w('sign.passwordAgain')}
        dependencies={['password']}
        validateTrigger="onBlur"
        rules={[
          { required: true, message: w('common.required') },
          ({ getFieldValue }) => ({
            validator: (_, value: unknown) =>
              value === undefined || value === '' || value === getFieldValue('password')
                ? Promise.resolve()
                : Promise.reject(new Error(w('sign.passwordDiffers'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={200} />
      </Form.Item>
    </>
  );
}
