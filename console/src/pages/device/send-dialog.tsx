import { App, Form, Input, InputNumber, Modal } from 'antd';
import type { ReactElement } from 'react';
import { useWords } from '../../app/i18n.ts';
import { readObject } from '../../app/json.ts';
import { useAct } from '../../app/query.ts';
import { FormProblem } from '../../parts/states.tsx';
import type { DeviceKey } from './device-page.tsx';

interface Values {
  readonly name: string;
  readonly payload?: string;
  readonly deadline: number;
}

const isBlank = (text: string | undefined): boolean => (text ?? '').trim() === '';

/** Sends a command; a payload that is no JSON object is not sent. */
export function SendDialog({ at, onClose }: { readonly at: DeviceKey; readonly onClose: () => void }): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const send = useAct('sendCommand', ['commands']);
  const submit = ({ name, payload, deadline }: Values): void => {
    const object = isBlank(payload) ? undefined : readObject(payload ?? '');
    const body = { name: name.trim(), deadlineSeconds: deadline, ...(object === undefined ? {} : { payload: object }) };
    send.mutate(
      { params: { ...at }, body },
      {
        onSuccess: () => {
          void message.success(w('command.sent'));
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      open
      title={w('command.send')}
      okText={w('command.send')}
      confirmLoading={send.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ deadline: 300 }}
        onFinish={submit}
      >
        <SendItems />
        <FormProblem error={send.error} />
      </Form>
    </Modal>
  );
}

function SendItems(): ReactElement {
  const { w } = useWords();
  return (
    <>
      <Form.Item
        name="name"
        label={w('command.name')}
        extra={w('command.nameHelp')}
        rules={[{ required: true, pattern: /^\s*[A-Za-z0-9_-]{1,64}\s*$/, message: w('command.nameHelp') }]}
      >
        <Input autoFocus maxLength={66} spellCheck={false} className="mono" placeholder="set-interval" />
      </Form.Item>
      <Form.Item
        name="payload"
        label={`${w('command.payload')} (${w('common.optional')})`}
        validateTrigger="onBlur"
        rules={[
          {
            validator: (_, value: string | undefined) =>
              isBlank(value) || readObject(value ?? '') !== undefined
                ? Promise.resolve()
                : Promise.reject(new Error(w('command.notObject'))),
          },
        ]}
      >
        <Input.TextArea rows={5} spellCheck={false} className="mono" placeholder='{ "seconds": 30 }' />
      </Form.Item>
      <Form.Item
        name="deadline"
        label={w('command.deadline')}
        extra={w('command.deadlineHelp')}
        rules={[{ required: true, message: w('common.required') }]}
      >
        <InputNumber min={1} max={604_800} precision={0} suffix={w('command.seconds')} style={{ width: 180 }} />
      </Form.Item>
    </>
  );
}
