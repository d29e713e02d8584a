import { App, Button, Tooltip } from 'antd';
import { type ReactElement, useState } from 'react';
import { shorten } from '../app/format.ts';
import { useWords } from '../app/i18n.ts';
import { Icon } from './icons.tsx';

const shownMs = 1_500;

/** Copies, and says so to eye and ear. */
function useCopy(): { readonly copied: boolean; readonly copy: (text: string) => void } {
  const [copied, setCopied] = useState(false);
  const { message } = App.useApp();
  const { w } = useWords();
  return {
    copied,
    copy: (text) => {
      const write = async (): Promise<void> => {
        try {
          await navigator.clipboard.writeText(text);
          setCopied(true);
          setTimeout(() => setCopied(false), shownMs);
        } catch {
          void message.warning(w('common.copyFailed')); // no permission: the reader can still select the text
        }
      };
      void write();
    },
  };
}

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for assistive tools. */
  readonly what: string;
  readonly label?: string;
}

export function CopyButton({ text, what, label }: CopyButtonProps): ReactElement {
  const { w } = useWords();
  const { copied, copy } = useCopy();
  const word = copied ? w('common.copied') : w('common.copy');
  return (
    <span className="copy">
      <Tooltip title={label === undefined ? word : undefined}>
        <Button
          size="small"
          type={label === undefined ? 'text' : 'default'}
          icon={<Icon name={copied ? 'check' : 'copy'} size={14} />}
          aria-label={`${w('common.copy')}: ${what}`}
          onClick={() => copy(text)}
        >
          {label === undefined ? null : copied ? w('common.copied') : label}
        </Button>
      </Tooltip>
      <span className="hidden" role="status">
        {copied ? w('common.copied') : ''}
      </span>
    </span>
  );
}

interface IdProps {
  readonly text: string;
  readonly what: string;
  /** Characters kept at both ends; 0: all of it. */
  readonly keep?: number;
}

/** A long identifier: shortened for the eye, whole in the tooltip and the clipboard. */
export function Id({ text, what, keep = 8 }: IdProps): ReactElement {
  return (
    <span className="id">
      <Tooltip title={keep === 0 ? undefined : <span className="break">{text}</span>}>
        <code>{keep === 0 ? text : shorten(text, keep)}</code>
      </Tooltip>
      <CopyButton text={text} what={what} />
    </span>
  );
}

interface CodeProps {
  readonly text: string;
  readonly what: string;
  /** Lines that must stay as they are, such as those of a certificate. */
  readonly fixed?: boolean;
}

/** Text to be pasted elsewhere, with its button. */
export function CodeBlock({ text, what, fixed = false }: CodeProps): ReactElement {
  const { w } = useWords();
  return (
    <div className={fixed ? 'code-block code-fixed' : 'code-block'}>
      <pre tabIndex={0} aria-label={what}>
        {text}
      </pre>
      <CopyButton text={text} what={what} label={w('common.copy')} />
    </div>
  );
}

/** Hands the reader a file made here. */
export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
