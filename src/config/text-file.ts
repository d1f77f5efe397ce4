/** Reading a file that a user named: bounded, text only, with a plain reason when it cannot be. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { messageOf } from '../base/errors.ts';

export const MAX_FILE_BYTES = 1024 * 1024;

export type TextFile =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly problem: string; readonly text?: undefined };

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'may not be read (permission denied)',
  EPERM: 'may not be read (permission denied)',
  ELOOP: 'is a symbolic link that leads in a circle',
  ENAMETOOLONG: 'has too long a name',
  ERR_INVALID_ARG_VALUE: 'has a name with a NUL character',
};

/** Never throws for what the file system answers. */
export async function readTextFile(path: string, maxBytes = MAX_FILE_BYTES): Promise<TextFile> {
  try {
    // Asked before opening: opening a pipe would wait for a writer for ever.
    const facts = await stat(path);
    if (facts.isDirectory()) return { problem: 'is a directory, not a file' };
    if (!facts.isFile()) return { problem: 'is not a regular file' };
    const file = await open(path, 'r');
    try {
      return decode(await readBounded(file, maxBytes), maxBytes);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? '';
    const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
    return { problem: reason ?? `cannot be read: ${messageOf(thrown)}` };
  }
}

/** One byte more than allowed tells that there is too much, whatever `stat` said. */
async function readBounded(file: FileHandle, maxBytes: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(maxBytes + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function decode(bytes: Uint8Array, maxBytes: number): TextFile {
  if (bytes.length > maxBytes) return { problem: `is larger than ${maxBytes / 1024 ** 2} MiB` };
  if (bytes.includes(0)) return { problem: 'is binary (or UTF-16), not UTF-8 text' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (thrown) {
    if (thrown instanceof TypeError) return { problem: 'is not UTF-8 text' };
    throw thrown;
  }
}
