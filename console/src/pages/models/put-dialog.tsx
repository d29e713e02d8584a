import { Problem } from '@pactgate/protocol';
import { App, Form, Input, Modal } from 'antd';
import { type ReactElement, useState } from 'react';
import type { Ask } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { useAct } from '../../app/query.ts';
import { FileField } from '../../parts/file-field.tsx';
import { FormProblem } from '../../parts/states.tsx';

type Body = Ask<'putModel'>['body'];
interface DialogProps {
  readonly agreement: string;
  /** The model whose files are renewed; absent: a new one. */
  readonly model?: string;
  readonly onClose: () => void;
}

/**
 * Hands in files that party B signed elsewhere: its key never comes near this page. What they hold, the platform judges;
 * here they are only known to be JSON.
 */
export function PutDialog({ agreement, model, onClose }: DialogProps): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ model: string }>();
  const [body, setBody] = useState<Partial<Record<keyof Body, unknown>>>({});
  const put = useAct('putModel', ['models', 'model']);
  const [fault, setFault] = useState<Problem>();
  const take = (part: keyof Body, value: unknown): void => {
    setFault(undefined);
    setBody((before) => {
      const { [part]: _, ...rest } = before;
      return value === undefined ? rest : { ...rest, [part]: value };
    });
  };
  const submit = (values: { readonly model: string }): void => {
    if (Object.keys(body).length === 0) return setFault(new Problem('request/invalid', w('model.putOne')));
    put.mutate(
      { params: { agreement, model: values.model.trim() }, body: body as Body },
      {
        onSuccess: () => {
          void message.success(w('model.put.done'));
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      open
      title={w('model.put')}
      okText={w('model.put')}
      confirmLoading={put.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<{ model: string }>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ model }}
        onFinish={submit}
      >
        <p className="gap-below">{w('model.putHelp')}</p>
        <Form.Item
          name="model"
          label={w('model.id')}
          rules={[{ required: true, pattern: /^\s*[A-Za-z0-9_-]{1,64}\s*$/, message: w('command.nameHelp') }]}
        >
          <Input disabled={model !== undefined} maxLength={66} className="mono" spellCheck={false} />
        </Form.Item>
        {(['file', 'manifest', 'sbom'] as const).map((part) => (
          <FileField key={part} label={w(`model.${part}`)} onRead={(value) => take(part, value)} />
        ))}
        <FormProblem error={fault ?? put.error} />
      </Form>
    </Modal>
  );
}
