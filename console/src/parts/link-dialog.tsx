import { Alert, Form, Modal } from 'antd';
import type { ReactElement, ReactNode } from 'react';
import { useWords } from '../app/i18n.ts';
import { useAsk } from '../app/query.ts';
import { EmailItem } from '../pages/sign/fields.tsx';
import { CodeBlock } from './copy.tsx';
import { FormProblem } from './states.tsx';
import { Moment } from './time.tsx';

interface MadeLink {
  readonly link: string;
  readonly expiresAt: number;
  readonly mailed: boolean;
}
interface LinkDialogProps<V> {
  readonly title: string;
  readonly help: string;
  /** Further items of the form, before the address. */
  readonly items?: ReactNode;
  readonly initial?: Partial<V>;
  /** Whether an address may be given; otherwise the platform knows where to mail. */
  readonly askEmail: boolean;
  readonly busy: boolean;
  readonly error: unknown;
  readonly made: MadeLink | undefined;
  readonly onMake: (values: V & { readonly email?: string }) => void;
  readonly onClose: () => void;
}

/** Asks what a one-time link is for, makes it, and shows it this once. */
export function LinkDialog<V extends object>(props: LinkDialogProps<V>): ReactElement {
  const { title, help, items, initial = {}, askEmail, busy, error, made, onMake, onClose } = props;
  const { w } = useWords();
  const [form] = Form.useForm<V & { email?: string }>();
  const { data: platform } = useAsk('platform', {});
  const mail = platform?.mail === true;
  return (
    <Modal
      open
      title={title}
      okText={w(made ? 'common.done' : 'link.make')}
      cancelButtonProps={{ hidden: made !== undefined }}
      confirmLoading={busy}
      onOk={made ? onClose : () => form.submit()}
      onCancel={onClose}
      mask={{ closable: made === undefined }}
      width={600}
    >
      {made ? (
        <ShownLink made={made} />
      ) : (
        <Form<V & { email?: string }>
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={initial}
          onFinish={(values) => onMake(values)}
        >
          <p className="gap-below">{help}</p>
          {items}
          {askEmail && mail && <EmailItem optional label={`${w('link.email')} (${w('common.optional')})`} />}
          {!mail && <Alert className="gap-below" type="info" showIcon title={w('link.notMailed')} />}
          <FormProblem error={error} />
        </Form>
      )}
    </Modal>
  );
}

function ShownLink({ made }: { readonly made: MadeLink }): ReactElement {
  const { w } = useWords();
  return (
    <>
      <div className="once">
        <p>{w('common.onceOnly')}</p>
        <p>{w('link.help')}</p>
      </div>
      <CodeBlock text={made.link} what={w('link.title')} />
      <p className="quiet">
        {w('sign.until')} <Moment at={made.expiresAt} />
      </p>
    </>
  );
}
