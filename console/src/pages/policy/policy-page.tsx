import { Problem } from '@pactgate/protocol';
import { App, Button, Input, Modal } from 'antd';
import { type ReactElement, useState } from 'react';
import type { Answer } from '../../app/api.ts';
import { slowMs } from '../../app/bounds.ts';
import { useWords } from '../../app/i18n.ts';
import { useMay } from '../../app/me.tsx';
import { useAct, useAsk } from '../../app/query.ts';
import { Id } from '../../parts/copy.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Facts, Page, Panel } from '../../parts/page.tsx';
import { FormProblem, Load } from '../../parts/states.tsx';
import { Moment } from '../../parts/time.tsx';

type Policy = Answer<'policy'>;
type Policies = Policy['policies'];

/** The access policy in force, and publishing the next one. */
export function PolicyPage(): ReactElement {
  const { w } = useWords();
  const may = useMay();
  const [draft, setDraft] = useState<Policies>();
  const policy = useAsk('policy', {}, { every: slowMs });
  return (
    <Page
      title={w('nav.policy')}
      note={w('policy.help')}
      actions={
        may('publishPolicy') &&
        draft === undefined &&
        policy.data && <Button onClick={() => setDraft(policy.data.policies)}>{w('policy.edit')}</Button>
      }
    >
      <Load query={policy}>
        {(data) => (
          <>
            <Panel>
              <Facts
                facts={[
                  { label: w('policy.version'), value: data.version },
                  { label: w('policy.published'), value: <Moment at={data.publishedAt} /> },
                  {
                    label: w('policy.digest'),
                    value: <Id text={data.digest} what={w('policy.digest')} keep={0} />,
                    wide: true,
                  },
                ]}
              />
            </Panel>
            {draft === undefined ? (
              <PolicyTexts policies={data.policies} />
            ) : (
              <Editor draft={draft} onDraft={setDraft} onDone={() => setDraft(undefined)} />
            )}
            <Panel title={w('policy.schema')}>
              <pre className="json" tabIndex={0} aria-label={w('policy.schema')}>
                {data.schema}
              </pre>
            </Panel>
          </>
        )}
      </Load>
    </Page>
  );
}

function PolicyTexts({ policies }: { readonly policies: Policies }): ReactElement {
  const { w } = useWords();
  return (
    <Panel title={w('policy.text')}>
      {policies.map(({ id, text }) => (
        <section key={id} className="gap-below">
          <h3>
            <code>{id}</code>
          </h3>
          <pre className="json" tabIndex={0} aria-label={id}>
            {text}
          </pre>
        </section>
      ))}
    </Panel>
  );
}

interface EditorProps {
  readonly draft: Policies;
  readonly onDraft: (draft: Policies) => void;
  readonly onDone: () => void;
}

function Editor({ draft, onDraft, onDone }: EditorProps): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const [asking, setAsking] = useState(false);
  const publish = useAct('publishPolicy', ['policy']);
  const ids = new Set(draft.map(({ id }) => id));
  const sound = draft.length > 0 && ids.size === draft.length && !ids.has('');
  const submit = (): void =>
    publish.mutate(
      { body: { policies: draft } },
      {
        onSuccess: ({ version, redecided }) => {
          void message.success(w('policy.done', { version, n: redecided }));
          onDone();
        },
        onSettled: () => setAsking(false),
      },
    );
  return (
    <Panel title={w('policy.text')}>
      {draft.map((each, i) => (
        <PolicyItem
          key={`${i}`}
          policy={each}
          onChange={(next) => onDraft(draft.map((old, at) => (at === i ? next : old)))}
          onRemove={() => onDraft(draft.filter((_, at) => at !== i))}
        />
      ))}
      <Button
        icon={<Icon name="plus" />}
        className="gap-below"
        onClick={() => onDraft([...draft, { id: '', text: '' }])}
      >
        {w('policy.add')}
      </Button>
      <FormProblem error={sound ? publish.error : new Problem('request/invalid', w('policy.idBad'))} />
      <div className="row">
        <Button type="primary" disabled={!sound} loading={publish.isPending} onClick={() => setAsking(true)}>
          {w('policy.publish')}
        </Button>
        <Button onClick={onDone}>{w('common.cancel')}</Button>
      </div>
      <Modal
        open={asking}
        title={w('policy.publish')}
        okText={w('policy.publish')}
        confirmLoading={publish.isPending}
        onOk={submit}
        onCancel={() => setAsking(false)}
      >
        {w('policy.publishAsk')}
      </Modal>
    </Panel>
  );
}

interface ItemProps {
  readonly policy: Policies[number];
  readonly onChange: (policy: Policies[number]) => void;
  readonly onRemove: () => void;
}

function PolicyItem({ policy: { id, text }, onChange, onRemove }: ItemProps): ReactElement {
  const { w } = useWords();
  return (
    <section className="gap-below">
      <div className="row small-head">
        <Input
          value={id}
          maxLength={200}
          style={{ maxWidth: 320 }}
          className="mono"
          spellCheck={false}
          aria-label={w('policy.id')}
          placeholder={w('policy.id')}
          onChange={({ target }) => onChange({ id: target.value.trim(), text })}
        />
        <Button size="small" danger type="text" onClick={onRemove}>
          {w('policy.remove')}
        </Button>
      </div>
      <Input.TextArea
        value={text}
        maxLength={2_000}
        autoSize={{ minRows: 4, maxRows: 18 }}
        className="mono"
        spellCheck={false}
        aria-label={`${w('policy.text')} ${id}`}
        onChange={({ target }) => onChange({ id, text: target.value })}
      />
    </section>
  );
}
