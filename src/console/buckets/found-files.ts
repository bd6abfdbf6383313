/** The files that a user chose or dropped, with those in folders. */

export interface FoundFile {
  /** With the folders in which it was found: `clips/a.ts`. */
  readonly path: string;
  /** Undefined when it cannot be read. */
  readonly file?: File;
  readonly problem?: string;
}

/** Of `<input type="file">`, also with `webkitdirectory`. */
export async function* chosenFiles(files: readonly File[]): AsyncGenerator<FoundFile> {
  for (const file of files) yield { file, path: file.webkitRelativePath || file.name };
}

/**
 * Reads a drop. What it has is taken at once, because the browser empties the transfer after the event; the folders are read
 * later, one after the other. A file that a script or another program has put there has no entry.
 */
export function droppedFiles(transfer: DataTransfer): AsyncGenerator<FoundFile> {
  return filesOf([...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? item.getAsFile() ?? []));
}

async function* filesOf(found: readonly (FileSystemEntry | File)[]): AsyncGenerator<FoundFile> {
  for (const one of found) {
    if (one instanceof File) yield { path: one.name, file: one };
    else yield* filesOfEntry(one);
  }
}

async function* filesOfEntry(entry: FileSystemEntry): AsyncGenerator<FoundFile> {
  const path = entry.fullPath.replace(/^\//, '');
  try {
    if (isFileEntry(entry)) yield { path, file: await fileOf(entry) };
    else if (isFolderEntry(entry)) yield* filesOf(await childrenOf(entry));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    yield { path, problem: `The browser cannot read it: ${error.message}` };
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A reader gives some entries at a time, and none at the end (File and Directory Entries API, 7.3). */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return children;
    children.push(...some);
  }
}

function isFileEntry(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolderEntry(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
