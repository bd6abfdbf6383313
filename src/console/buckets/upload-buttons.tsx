import { useEffect, useRef } from 'preact/hooks';
import { CheckBox } from '../parts/form.tsx';
import { chosenFiles, type FoundFile } from './found-files.ts';

export interface UploadButtonsProps {
  readonly replaces: boolean;
  readonly onReplaces: (replaces: boolean) => void;
  readonly onFiles: (files: AsyncGenerator<FoundFile>) => void;
}

export function UploadButtons({ replaces, onReplaces, onFiles }: UploadButtonsProps) {
  return (
    <>
      <UploadButton name="Upload files" isFolder={false} onFiles={onFiles} />
      <UploadButton name="Upload a folder" isFolder onFiles={onFiles} />
      <CheckBox checked={replaces} onChange={onReplaces}>
        Replace existing
      </CheckBox>
    </>
  );
}

interface UploadButtonProps extends Pick<UploadButtonsProps, 'onFiles'> {
  readonly name: string;
  readonly isFolder: boolean;
}

function UploadButton({ name, isFolder, onFiles }: UploadButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) input.current.webkitdirectory = isFolder;
  }, []);
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {name}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={name}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // The same files can be chosen again.
          currentTarget.value = '';
          onFiles(chosenFiles(files));
        }}
      />
    </>
  );
}
