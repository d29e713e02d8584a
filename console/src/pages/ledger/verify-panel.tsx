import { webProofCrypto } from '@pactgate/proof';
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Radio } from 'antd';
import { type ReactElement, useRef, useState } from 'react';
import { api } from '../../app/api.ts';
import { maxFile } from '../../app/bounds.ts';
import { showTime } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { Panel } from '../../parts/page.tsx';
import { FormProblem } from '../../parts/states.tsx';
import { Tag, type Tone } from '../../parts/status.tsx';
import type { Log } from './logs-page.tsx';
import type { LogRecord } from './record-page.tsx';
import {
  conclude,
  type Step,
  type StepState,
  type Trust,
  trustDocument,
  trustFile,
  trustVkey,
  verifyRecord,
} from './verify.ts';

type TrustName = 'server' | 'agreement' | 'file';
interface VerifyProps {
  readonly log: Log;
  readonly record: LogRecord;
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function findTrust(name: TrustName, log: Log, file: Uint8Array | undefined): Promise<Trust> {
  if (name === 'file' && file) return trustFile(webProofCrypto, file);
  if (name === 'agreement' && log.agreement !== undefined) {
    const document = await api.call('agreementDocument', { params: { agreement: log.agreement } });
    const trust = trustDocument(webProofCrypto, JSON.parse(decode(document)));
    if (trust) return trust;
  }
  return trustVkey(webProofCrypto, log.vkey);
}

/** The newest proof, against what the reader chose to believe. */
async function verify({ log, record }: VerifyProps, trust: Trust): Promise<readonly Step[]> {
  const proof = await api.call('proof', { params: { log: log.id }, query: { index: record.index } });
  const { leaf, body, salt, disclosures, index } = record;
  return verifyRecord(
    webProofCrypto,
    {
      index,
      leaf,
      origin: log.origin,
      vkey: log.vkey,
      proof: decode(proof),
      ...(body === undefined ? {} : { body }),
      ...(salt === undefined ? {} : { salt }),
      ...(disclosures === undefined ? {} : { disclosures }),
    },
    trust,
  );
}

/** A witness cosigns a moment after the checkpoint appears: so many more looks, this far apart. */
const patience = { times: 5, everyMs: 1_200 } as const;

/** As {@link verify}, giving the witness the time it needs. */
async function verifyPatiently(props: VerifyProps, trust: Trust): Promise<readonly Step[]> {
  let steps = await verify(props, trust);
  for (let i = 0; i < patience.times && steps.some(({ says }) => says === 'notYet'); i++) {
    await new Promise((resolve) => {
      setTimeout(resolve, patience.everyMs);
    });
    steps = await verify(props, trust);
  }
  return steps;
}

/** The button, what to believe, and what came out: step by step, in words. */
export function VerifyPanel({ log, record }: VerifyProps): ReactElement {
  const { w } = useWords();
  const [name, setName] = useState<TrustName>(log.agreement === undefined ? 'server' : 'agreement');
  const [file, setFile] = useState<Uint8Array>();
  const run = useMutation({
    mutationFn: async () => verifyPatiently({ log, record }, await findTrust(name, log, file)),
  });
  return (
    <Panel title={w('verify.title')} note={w('verify.help')}>
      <TrustChoice
        value={name}
        hasAgreement={log.agreement !== undefined}
        onChange={(next) => {
          run.reset();
          setName(next);
        }}
        onFile={(bytes) => {
          run.reset();
          setFile(bytes);
        }}
      />
      <div className="row gap-above">
        <Button
          type="primary"
          icon={<Icon name="shield" />}
          loading={run.isPending}
          disabled={name === 'file' && file === undefined}
          onClick={() => run.mutate()}
        >
          {w(run.data ? 'verify.again' : 'verify.start')}
        </Button>
      </div>
      <div aria-live="polite" className="gap-above">
        <FormProblem error={run.error} />
        {run.data && <Outcome steps={run.data} />}
      </div>
    </Panel>
  );
}

interface ChoiceProps {
  readonly value: TrustName;
  readonly hasAgreement: boolean;
  readonly onChange: (name: TrustName) => void;
  readonly onFile: (bytes: Uint8Array | undefined) => void;
}

function TrustChoice({ value, hasAgreement, onChange, onFile }: ChoiceProps): ReactElement {
  const { w } = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState('');
  const names: readonly TrustName[] = hasAgreement ? ['file', 'agreement', 'server'] : ['file', 'server'];
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setChosen(file.size > maxFile ? w('common.fileTooLarge') : file.name);
    onFile(file.size > maxFile ? undefined : new Uint8Array(await file.arrayBuffer()));
  };
  return (
    <fieldset className="trust">
      <legend>{w('verify.trust')}</legend>
      <Radio.Group className="levels" value={value} onChange={({ target }) => onChange(target.value as TrustName)}>
        {names.map((name) => (
          <Radio key={name} value={name}>
            <strong>{w(`verify.trust.${name}`)}</strong>
            <div className="quiet">{w(`verify.trust.${name}Help`)}</div>
          </Radio>
        ))}
      </Radio.Group>
      {value === 'file' && (
        <div className="row gap-above">
          <Button onClick={() => input.current?.click()}>{w('verify.chooseFile')}</Button>
          <input
            ref={input}
            className="hidden"
            type="file"
            aria-label={w('verify.chooseFile')}
            onChange={({ target }) => void take(target.files?.[0])}
          />
          <span className="quiet">{chosen}</span>
        </div>
      )}
    </fieldset>
  );
}

const looks: Readonly<Record<StepState, { tone: Tone; icon: IconName; alert: 'success' | 'warning' | 'error' }>> = {
  holds: { tone: 'good', icon: 'check', alert: 'success' },
  open: { tone: 'warn', icon: 'question', alert: 'warning' },
  fails: { tone: 'bad', icon: 'cross', alert: 'error' },
};

function Outcome({ steps }: { readonly steps: readonly Step[] }): ReactElement {
  const { w } = useWords();
  const result = conclude(steps);
  return (
    <div data-testid="verdict" data-result={result}>
      <Alert type={looks[result].alert} showIcon title={w(`verify.result.${result}`)} />
      <ol className="steps timeline">
        {steps.map((step) => (
          <StepItem key={step.name} step={step} />
        ))}
      </ol>
    </div>
  );
}

function StepItem({ step }: { readonly step: Step }): ReactElement {
  const { w, locale } = useWords();
  const { tone, icon } = looks[step.state];
  const time = step.time === undefined ? {} : { time: showTime(step.time, locale) };
  return (
    <li className={`step step-${step.state}`} data-step={step.name} data-state={step.state}>
      <span className="step-mark">
        <Icon name={icon} size={14} />
      </span>
      <div>
        <h3>
          {w(`verify.step.${step.name}`)}
          <Tag tone={tone}>{w(`verify.state.${step.state}`)}</Tag>
        </h3>
        <p className="break">{w(`verify.says.${step.says}`, { ...step.values, ...time })}</p>
      </div>
    </li>
  );
}
