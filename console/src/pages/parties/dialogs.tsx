import { App, Form, Input, Modal } from 'antd';
import type { ReactElement } from 'react';
import { useNavigate } from 'react-router';
import { useWords } from '../../app/i18n.ts';
import { useAct } from '../../app/query.ts';
import { LinkDialog } from '../../parts/link-dialog.tsx';
import { FormProblem } from '../../parts/states.tsx';
import { type Particulars, type ParticularsValues, readParams, toParticulars, toValues } from './particulars.ts';
import { ParticularsItems } from './particulars-form.tsx';
import type { Party } from './parties-page.tsx';

interface CloseProps {
  readonly onClose: () => void;
}
const partyId = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Registers a device party. */
export function CreateDialog({ onClose }: CloseProps): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<ParticularsValues & { id: string }>();
  const create = useAct('createParty', ['parties']);
  const submit = ({ id, ...values }: ParticularsValues & { readonly id: string }): void =>
    create.mutate(
      { body: { id, particulars: toParticulars(values) } },
      {
        onSuccess: () => {
          void message.success(w('party.created'));
          onClose();
        },
      },
    );
  return (
    <Modal
      open
      title={w('party.create')}
      okText={w('party.create')}
      confirmLoading={create.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form form={form} layout="vertical" requiredMark={false} initialValues={toValues(undefined)} onFinish={submit}>
        <Form.Item
          name="id"
          label={w('party.id')}
          extra={w('party.idHelp')}
          validateTrigger="onBlur"
          rules={[
            { required: true, message: w('common.required') },
            { pattern: partyId, message: w('party.idBad') },
          ]}
        >
          <Input maxLength={63} spellCheck={false} className="mono" placeholder="acme" autoFocus />
        </Form.Item>
        <ParticularsItems />
        <FormProblem error={create.error} />
      </Form>
    </Modal>
  );
}

/** Party A states who it is. */
export function PlatformDialog({
  particulars,
  onClose,
}: CloseProps & { readonly particulars: Particulars | undefined }): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<ParticularsValues>();
  const save = useAct('setPlatformParticulars', ['parties', 'agreement']);
  const submit = (values: ParticularsValues): void =>
    save.mutate(
      { body: toParticulars(values) },
      {
        onSuccess: () => {
          void message.success(w('party.saved'));
          onClose();
        },
      },
    );
  return (
    <Modal
      open
      title={w('party.platformEdit')}
      okText={w('common.save')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form form={form} layout="vertical" requiredMark={false} initialValues={toValues(particulars)} onFinish={submit}>
        <ParticularsItems />
        <FormProblem error={save.error} />
      </Form>
    </Modal>
  );
}

/** Drafts the standard edition with a party, with the numbers the two agreed on. */
export function DraftDialog({ party, onClose }: CloseProps & { readonly party: Party }): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const go = useNavigate();
  const [form] = Form.useForm<{ params?: string }>();
  const draft = useAct('draftAgreement', ['parties', 'agreements']);
  const submit = ({ params = '' }: { readonly params?: string }): void => {
    const read = params.trim() === '' ? undefined : readParams(params);
    draft.mutate(
      { body: { party: party.id, ...(read === undefined ? {} : { params: read }) } },
      {
        onSuccess: ({ id }) => {
          void message.success(w('party.drafted'));
          onClose();
          void go(`/a/${id}/document`);
        },
      },
    );
  };
  return (
    <Modal
      open
      title={w('party.draftTitle', { party: party.particulars.name })}
      okText={w('party.draft')}
      confirmLoading={draft.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<{ params?: string }> form={form} layout="vertical" requiredMark={false} onFinish={submit}>
        <p className="gap-below">{w('party.draftHelp')}</p>
        <Form.Item
          name="params"
          label={`${w('party.params')} (${w('common.optional')})`}
          validateTrigger="onBlur"
          rules={[
            {
              validator: (_, value: string | undefined) =>
                (value ?? '').trim() === '' || readParams(value ?? '') !== undefined
                  ? Promise.resolve()
                  : Promise.reject(new Error(w('common.notJson'))),
            },
          ]}
        >
          <Input.TextArea
            rows={6}
            spellCheck={false}
            className="mono"
            placeholder={'{\n  "B2.2.4": { "window": 1 }\n}'}
          />
        </Form.Item>
        <FormProblem error={draft.error} />
      </Form>
    </Modal>
  );
}

/** Makes the link with which a device party brings its keys. */
export function InviteDialog({ party, onClose }: CloseProps & { readonly party: Party }): ReactElement {
  const { w } = useWords();
  const invite = useAct('inviteParty', ['parties', 'agreements']);
  return (
    <LinkDialog<{ email?: string }>
      title={w('party.inviteTitle', { party: party.particulars.name })}
      help={w('party.inviteHelp')}
      askEmail
      initial={{ email: party.particulars.contactEmail }}
      busy={invite.isPending}
      error={invite.error}
      made={invite.data}
      onMake={({ email }) => invite.mutate({ params: { party: party.id }, body: email ? { email: email.trim() } : {} })}
      onClose={onClose}
    />
  );
}
