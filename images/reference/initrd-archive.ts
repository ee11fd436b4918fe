/**
 * A cpio archive in the format that Linux unpacks as an initrd ("newc", kernel documentation
 * driver-api/early-userspace/buffer-format). Several may follow one another: what is specific to an image is an
 * archive behind that of the base.
 */

export interface ArchiveFile {
  /** Relative, without './'. Its folders are made on the way. */
  path: string;
  content: Buffer;
  /** Permission bits. */
  mode: number;
}

const FOLDER = 0o040755;
const REGULAR = 0o100000;
const ALIGNMENT = 4;

/** The whole archive. Owned by root, without times: the same files give the same bytes. */
export function initrdArchive(files: readonly ArchiveFile[]): Buffer {
  const folders = [...new Set(files.flatMap(({ path }) => foldersOf(path)))].sort();
  const entries = [
    ...folders.map((path) => entry(path, FOLDER, Buffer.alloc(0))),
    ...files.map(({ path, mode, content }) => entry(path, REGULAR | mode, content)),
    entry('TRAILER!!!', 0, Buffer.alloc(0)),
  ];
  return Buffer.concat(entries);
}

/** 'a/b/c' is in 'a' and 'a/b'. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function entry(path: string, mode: number, content: Buffer): Buffer {
  const name = Buffer.from(`${path}\0`);
  const [inode, uid, gid, links, time, device] = [0, 0, 0, 1, 0, 0];
  const fields = [
    ...[inode, mode, uid, gid, links, time, content.length],
    ...[device, device, device, device, name.length, 0],
  ];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(content)]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & (ALIGNMENT - 1))]);
}
