import { Button, Form, Input, Modal, Select, Table } from 'antd';
import { type ReactElement, useState } from 'react';
import type { Answer } from '../../app/api.ts';
import { toCsv } from '../../app/format.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useAct, useAsk } from '../../app/query.ts';
import { CopyButton, Id, saveFile } from '../../parts/copy.tsx';
import { Icon } from '../../parts/icons.tsx';
import { FormProblem } from '../../parts/states.tsx';
import { Moment } from '../../parts/time.tsx';
import { type IdList, readIds } from './ids.ts';

type Registered = Answer<'registerDevices'>['devices'];
interface Values {
  readonly model: string;
  readonly ids: string;
}
interface DialogProps {
  readonly agreement: string;
  readonly onClose: () => void;
}

/** Registers devices and shows their one-time codes: this once, so the dialog does not close by itself. */
export function RegisterDialog({ agreement, onClose }: DialogProps): ReactElement {
  const { w } = useWords();
  const [form] = Form.useForm<Values>();
  const [codes, setCodes] = useState<Registered>();
  const register = useAct('registerDevices', ['devices', 'models']);
  const list = readIds(Form.useWatch('ids', form) ?? '');
  const submit = ({ model, ids }: Values): void => {
    const read = readIds(ids);
    if (!('ids' in read)) return;
    register.mutate(
      { params: { agreement }, body: { devices: read.ids.map((id) => ({ id, model })) } },
      { onSuccess: ({ devices }) => setCodes(devices) },
    );
  };
  if (codes) return <CodesDialog codes={codes} onClose={onClose} />;
  const count = 'ids' in list ? list.ids.length : 0;
  return (
    <Modal
      open
      title={w('device.register')}
      okText={count > 0 ? w('device.registerNext', { n: count }) : w('device.register')}
      confirmLoading={register.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <RegisterForm agreement={agreement} form={form} onSubmit={submit} />
      <FormProblem error={register.error} />
    </Modal>
  );
}

const faultWords = (list: IdList, { w }: Words): string | undefined => {
  if ('ids' in list) return undefined;
  if (list.fault === 'id') return w('device.registerBad', { line: list.line, text: list.text });
  if (list.fault === 'twice') return w('device.registerTwice', { text: list.text });
  return w(list.fault === 'many' ? 'device.registerMany' : 'common.required');
};

interface FormProps {
  readonly agreement: string;
  readonly form: ReturnType<typeof Form.useForm<Values>>[0];
  readonly onSubmit: (values: Values) => void;
}

function RegisterForm({ agreement, form, onSubmit }: FormProps): ReactElement {
  const words = useWords();
  const { w } = words;
  const { data } = useAsk('models', { params: { agreement } });
  const models = (data?.items ?? []).filter(({ state }) => state === 'active');
  const fault = (text: string): Promise<void> => {
    const found = faultWords(readIds(text), words);
    return found === undefined ? Promise.resolve() : Promise.reject(new Error(found));
  };
  return (
    <Form<Values> form={form} layout="vertical" requiredMark={false} onFinish={onSubmit}>
      <Form.Item
        name="model"
        label={w('device.registerModel')}
        rules={[{ required: true, message: w('common.required') }]}
        {...(data && models.length === 0 ? { extra: w('device.noModel') } : {})}
      >
        <Select options={models.map(({ model }) => ({ value: model, label: model }))} />
      </Form.Item>
      <Form.Item
        name="ids"
        label={w('device.registerIds')}
        extra={w('device.registerHelp')}
        validateTrigger="onBlur"
        rules={[{ validator: (_, value: unknown) => fault(typeof value === 'string' ? value : '') }]}
      >
        <Input.TextArea rows={7} spellCheck={false} className="mono" placeholder={'pump-001\npump-002'} />
      </Form.Item>
    </Form>
  );
}

interface CodesProps {
  readonly codes: Registered;
  readonly onClose: () => void;
}

/** Codes as they were answered: nowhere else and never again. */
export function CodesDialog({ codes, onClose }: CodesProps): ReactElement {
  const { w } = useWords();
  const rows = codes.map(({ id, code, codeExpiresAt }) => [id, code, new Date(codeExpiresAt).toISOString()]);
  return (
    <Modal
      open
      width={720}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      title={w('device.codes')}
      footer={
        <Button type="primary" onClick={onClose}>
          {w('common.done')}
        </Button>
      }
    >
      <div className="once">
        <p>{w('common.onceOnly')}</p>
        <p>{w('device.codesHelp')}</p>
      </div>
      <div className="row gap-below">
        <CopyButton
          text={codes.map(({ id, code }) => `${id}\t${code}`).join('\n')}
          what={w('device.codes')}
          label={w('device.copyAll')}
        />
        <Button
          size="small"
          icon={<Icon name="download" size={14} />}
          onClick={() => saveFile('enrolment-codes.csv', 'text/csv', toCsv([['device', 'code', 'expires'], ...rows]))}
        >
          {w('device.csv')}
        </Button>
      </div>
      <Table
        size="small"
        rowKey="id"
        dataSource={codes}
        pagination={codes.length > 20 ? { pageSize: 20, size: 'small' } : false}
        scroll={{ x: 'max-content' }}
        columns={[
          { title: w('device.id'), dataIndex: 'id' },
          {
            title: w('device.code'),
            key: 'code',
            render: (_, { code }) => <Id text={code} what={w('device.code')} keep={0} />,
          },
          {
            title: w('device.codeUntil'),
            key: 'until',
            render: (_, { codeExpiresAt }) => <Moment at={codeExpiresAt} />,
          },
        ]}
      />
    </Modal>
  );
}
