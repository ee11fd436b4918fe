/** What the host's file system refused, in words: wherever it was met, it is no defect of the lab. */
import { LabError } from './errors.ts';

const FULL = ['ENOSPC', 'EDQUOT'];
const REFUSED = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'EIO', 'EFBIG'];

/** A system call on a file that failed, as an error of the host's; undefined for anything else. */
export function hostFileError(error: unknown): LabError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', syscall, path } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return undefined;
  const what = error.message.replace(/^E[A-Z]+: /, '');
  if (FULL.includes(code))
    return new LabError({
      code: 'LAB_DISK_FULL',
      blame: 'host',
      message: `the disk ${path === undefined ? 'of the run or the cache folder' : `of '${path}'`} is full: ${what}`,
      next: 'free space there, or choose other folders (runs.folder in lab.config.yaml, WSKLAB_CACHE)',
    });
  if (path === undefined || !REFUSED.includes(code)) return undefined;
  return new LabError({
    code: 'LAB_FILE_REFUSED',
    blame: 'host',
    message: `the host refused a file: ${what}`,
    next: 'check the path and its rights',
  });
}
