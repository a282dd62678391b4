// The few things that the house does with files of its own. `machineFiles` is this machine's disk; a simulation brings
// one that tears, fills up and forgets. What is written, and in which order, is decided in `state/`.
import { constants, existsSync, lstatSync, realpathSync, statSync } from 'node:fs'
import { link, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** All reject with errors that carry the system's `code`, such as ENOENT. */
export interface Files {
  readFile(file: string): Promise<string>
  /** Replaces what is there. Readable by the owner only; `exclusive` fails with EEXIST where a file is. */
  writeFile(file: string, text: string, how?: { readonly exclusive?: boolean }): Promise<void>
  /** Resolves when the content of a file that was written is on the disk itself. */
  sync(file: string): Promise<void>
  /** The same for the names in a folder: what was renamed, linked and removed. */
  syncFolder(folder: string): Promise<void>
  /** Another name for a file; fails with EEXIST where one is. */
  link(file: string, other: string): Promise<void>
  rename(file: string, other: string): Promise<void>
  /** Where there is none, that is well too. */
  remove(file: string): Promise<void>
  /** With the folders above it, closed to others; durable when it resolves. */
  makeFolder(folder: string): Promise<void>
  names(folder: string): Promise<string[]>
  /** Epoch milliseconds. */
  modifiedAt(file: string): Promise<number>
  exists(file: string): boolean
}

/**
 * What a file is that may be a link: what replaces it has to replace that, and who locks it that as well. Itself where it is
 * none, or leads to no file of such a name: what stands beside it is named by it.
 */
export function followed(file: string): string {
  try {
    if (!lstatSync(file).isSymbolicLink() || !statSync(file).isFile()) return file
    const real = realpathSync(file)
    return path.extname(real) === path.extname(file) ? real : file
  } catch {
    return file
  }
}

const syncAs = async (file: string, flags: 'r' | 'r+'): Promise<void> => {
  const handle = await open(file, flags)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export const machineFiles: Files = {
  async readFile(file) {
    // Without waiting for who would write into a pipe.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!(await handle.stat()).isFile())
        throw Object.assign(new Error('it is no regular file'), { code: 'EINVAL' })
      return await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  },
  writeFile: (file, text, { exclusive = false } = {}) =>
    writeFile(file, text, { mode: 0o600, flag: exclusive ? 'wx' : 'w' }),
  sync: (file) => syncAs(file, 'r+'),
  // Windows has no such call and needs none.
  syncFolder: async (folder) => (process.platform === 'win32' ? undefined : syncAs(folder, 'r')),
  link,
  rename,
  remove: (file) => rm(file, { force: true }),
  async makeFolder(folder) {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 })
    // A folder that was made is a name in the one above it, which is lost with it.
    for (let made = folder; first !== undefined && made.length >= first.length; made = path.dirname(made))
      await machineFiles.syncFolder(path.dirname(made))
  },
  names: (folder) => readdir(folder),
  modifiedAt: async (file) => (await stat(file)).mtimeMs,
  exists: existsSync,
}
