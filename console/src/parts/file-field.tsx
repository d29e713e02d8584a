import { Button } from 'antd';
import { type ReactElement, useId, useRef, useState } from 'react';
import { readJsonFile } from '../app/files.ts';
import { useWords } from '../app/i18n.ts';
import { Icon } from './icons.tsx';

interface FileFieldProps {
  readonly label: string;
  readonly onRead: (value: unknown) => void;
}

/** Takes one JSON file from the reader's disk. */
export function FileField({ label, onRead }: FileFieldProps): ReactElement {
  const { w } = useWords();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [note, setNote] = useState<{ readonly text: string; readonly bad: boolean }>();
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    const read = await readJsonFile(file);
    if ('value' in read) {
      setNote({ text: file.name, bad: false });
      onRead(read.value);
      return;
    }
    onRead(undefined);
    setNote({ text: w(read.fault === 'large' ? 'common.fileTooLarge' : 'common.notJson'), bad: true });
  };
  return (
    <div className="file-field">
      <label htmlFor={id}>{label}</label>
      <div className="row">
        <Button icon={<Icon name="plus" size={14} />} onClick={() => input.current?.click()}>
          {w('common.chooseFile')}
        </Button>
        <input
          ref={input}
          id={id}
          className="hidden"
          type="file"
          accept=".json,.jws,application/json"
          onChange={({ target }) => void take(target.files?.[0])}
        />
        {note && (
          <span role="status" className={note.bad ? 'bad-text' : 'quiet'}>
            {note.text}
          </span>
        )}
      </div>
    </div>
  );
}
