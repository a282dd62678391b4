// What to do about a disk that refuses to be written to: the next command, by the system's error. The words of what was
// refused are `file.ts`'s and `lock.ts`'s.
import path from 'node:path'

/** A sentence that ends with going on. */
export function remedyFor(error: Error, file: string): string {
  const folder = path.dirname(file)
  return `${causeOf((error as NodeJS.ErrnoException).code, folder)}, then run the same command again.`
}

function causeOf(code: string | undefined, folder: string): string {
  switch (code) {
    case 'ENOSPC':
      return `The disk is full: make room on it (df -h ${folder})`
    case 'EDQUOT':
      return `Your quota of the disk is used up: make room (quota, df -h ${folder})`
    case 'EROFS':
      return `The disk is read-only: mount it for writing, or work in a copy of the project elsewhere (${folder})`
    case 'EACCES':
    case 'EPERM':
      return `You may not write there: mend the permissions (ls -ld ${folder})`
    default:
      return `Look at the disk and its permissions (df -h ${folder}; ls -ld ${folder})`
  }
}
