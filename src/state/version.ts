// Versions of the state: what an older multiregion has written is led to what this one writes, a version at a time and only
// forward. `file.ts` keeps the older text beside the state before the first save in the new version.

type Document = Readonly<Record<string, unknown>>

/** Pure. `MIGRATIONS[n]` leads from version n + 1 to version n + 2. */
const MIGRATIONS: readonly ((state: Document) => Document)[] = [
  // Which config it was made with, nobody has noted.
  (state) => ({ ...state, configHash: '' }),
]

/** What is written now. */
export const VERSION = 2
export type Version = typeof VERSION

/** Pure. The document in today's version; as it is where no older multiregion wrote it. */
export function migrated(document: Document): Document {
  const { version } = document
  if (!isOlder(version)) return document
  const state = MIGRATIONS.slice(version - 1).reduce((from, migrate) => migrate(from), document)
  return { ...state, version: VERSION }
}

/** True of the number of a version that was written before today's. */
export const isOlder = (version: unknown): version is number =>
  Number.isInteger(version) && Number(version) >= 1 && Number(version) < VERSION
