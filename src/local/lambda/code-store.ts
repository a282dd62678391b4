// The zips of functions: checked, kept as files by their hash, and unpacked where functions run from.
// Which function has which zip is not known here.
import { createHash, randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { AwsError } from '../wire/errors.js'
import { invalid } from './input.js'

export interface Code {
  /** Base64, as AWS shows it. */
  readonly codeSha256: string
  readonly codeBytes: number
}

// AWS: lambda/latest/dg/gettingstarted-limits, "Deployment package".
export const MAX_ZIPPED_BYTES = 52_428_800
export const MAX_UNZIPPED_BYTES = 262_144_000

const TASKS_PREFIX = 'multiregion-lambda-'
const TASKS_NOTE = 'tasks-folder'

interface Unpacked {
  readonly root: string
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
}

/** Where the zips are. */
export interface FunctionCode {
  /** Keeps a zip. Throws AWS's error for one that is too large, empty, or cannot be unpacked. */
  keep(zip: Uint8Array): Promise<Code>
  zipPath(codeSha256: string): string
  /** The folder with the zip's files. */
  unpack(codeSha256: string): Promise<string>
  /** Removes the zips that are not among these. */
  sweep(inUse: ReadonlySet<string>): void
  /** Removes what was unpacked. */
  close(): void
}

export class CodeStore implements FunctionCode {
  /**
   * Where functions run from. It lies outside of any project: below one, Node.js would find the project's
   * node_modules and package.json, and a function would run here that fails on AWS.
   */
  private tasks: string
  private readonly unpacked = new Map<string, Promise<Unpacked>>()

  /** Keeps zips in `folder`, which it makes. Removes what an earlier cloud that was killed has left unpacked. */
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const note = join(folder, TASKS_NOTE)
    const left = existsSync(note) ? readFileSync(note, 'utf8') : ''
    if (basename(left).startsWith(TASKS_PREFIX)) rmSync(left, { recursive: true, force: true })
    this.tasks = this.newTasks()
  }

  async keep(zip: Uint8Array): Promise<Code> {
    checkZip(zip)
    const codeSha256 = createHash('sha256').update(zip).digest('base64')
    const path = this.zipPath(codeSha256)
    if (!existsSync(path)) {
      // The same code may come for several regions at once, each writing a file of its own.
      const beside = `${path}.${randomUUID()}.new`
      await writeFile(beside, zip, { mode: 0o600 })
      await rename(beside, path)
    }
    return { codeSha256, codeBytes: zip.byteLength }
  }

  zipPath(codeSha256: string): string {
    return join(this.folder, `${hexOf(codeSha256)}.zip`)
  }

  /**
   * They are unpacked at the first call, and again where some are gone: systems clear
   * their folders of temporary files, whole or file by file.
   */
  async unpack(codeSha256: string): Promise<string> {
    const known = this.unpacked.get(codeSha256)
    const found = await known
    if (found && isWhole(found)) return found.root
    // Of several calls that find it broken, the first one mends it.
    const begun = this.unpacked.get(codeSha256)
    if (begun && begun !== known) return (await begun).root
    const unpacking = this.unpackAnew(codeSha256)
    this.unpacked.set(codeSha256, unpacking)
    unpacking.catch(() => this.unpacked.delete(codeSha256))
    return (await unpacking).root
  }

  private async unpackAnew(codeSha256: string): Promise<Unpacked> {
    if (!existsSync(this.tasks)) this.tasks = this.newTasks()
    const root = await mkdtemp(join(this.tasks, `${hexOf(codeSha256)}-`))
    return unpackInto(root, this.zipPath(codeSha256))
  }

  private newTasks(): string {
    const tasks = mkdtempSync(join(realpathSync(tmpdir()), TASKS_PREFIX))
    writeFileSync(join(this.folder, TASKS_NOTE), tasks)
    return tasks
  }

  sweep(inUse: ReadonlySet<string>): void {
    const names = new Set([...inUse].map((sha) => basename(this.zipPath(sha))))
    for (const name of readdirSync(this.folder)) {
      if (/\.zip(\.[0-9a-f-]+\.new)?$/.test(name) && !names.has(name)) rmSync(join(this.folder, name))
    }
  }

  close(): void {
    rmSync(this.tasks, { recursive: true, force: true })
  }
}

const hexOf = (codeSha256: string) => Buffer.from(codeSha256, 'base64').toString('hex')

async function unpackInto(root: string, zipPath: string): Promise<Unpacked> {
  const files: { path: string; bytes: number }[] = []
  for (const [name, content] of Object.entries(unzipSync(await readFile(zipPath)))) {
    if (name.endsWith('/')) continue
    if (!isInside(name)) throw new Error(`The zip ${zipPath} has a file outside of its folder: ${name}`)
    const path = join(root, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    files.push({ path, bytes: content.byteLength })
  }
  return { root, files }
}

const isWhole = ({ root, files }: Unpacked) =>
  existsSync(root) &&
  files.every(({ path, bytes }) => statSync(path, { throwIfNoEntry: false })?.size === bytes)

/** Whether a file of that name lies in the folder that a zip is unpacked into. */
const isInside = (name: string) =>
  !name.startsWith('/') && !/[\\\0]/.test(name) && !name.split('/').some((part) => part === '..')

function checkZip(zip: Uint8Array): void {
  if (zip.byteLength > MAX_ZIPPED_BYTES) {
    const message = `Zipped size must be smaller than ${MAX_ZIPPED_BYTES} bytes`
    throw new AwsError('RequestEntityTooLargeException', message, 413)
  }
  if (!zip.byteLength) throw invalid('Uploaded file must be a non-empty zip')
  let bytes = 0
  const names: string[] = []
  readZip(() =>
    unzipSync(zip, {
      filter({ name, originalSize }) {
        names.push(name)
        bytes += originalSize
        return false
      },
    }),
  )
  if (bytes > MAX_UNZIPPED_BYTES)
    throw invalid(`Unzipped size must be smaller than ${MAX_UNZIPPED_BYTES} bytes`)
  if (!names.length) throw invalid('Uploaded file must be a non-empty zip')
  if (!names.every(isInside)) throw cannotUnzip()
  readZip(() => unzipSync(zip))
}

const cannotUnzip = () =>
  invalid('Could not unzip uploaded file. Please check your file, then try to upload again.')

function readZip(read: () => unknown): void {
  try {
    read()
  } catch {
    throw cannotUnzip()
  }
}
