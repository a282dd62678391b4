// What the texts of all results share: how they are asked for, and how they are put together.
import type { Paint } from './paint.js'

export interface ReportOptions {
  readonly paint: Paint
  /** True on the local cloud. */
  readonly local: boolean
  /** The local cloud's, where the verb has talked to it. */
  readonly edge?: { readonly edgeUrl: string; readonly caFile: string }
  readonly verbose?: boolean
  /** How this program was called, as `npx multiregion`. */
  readonly program: string
}

/** With a final newline. */
export const lines = (...all: (string | undefined)[]) =>
  `${all.filter((line) => line !== undefined).join('\n')}\n`

/** As it is to be typed. */
export const command = (words: string, { program, local }: ReportOptions) =>
  `${program} ${words}${local ? ' --local' : ''}`

/** A command as texts name it that do not know where they are said, with its words and options. */
const COMMAND = new RegExp(
  [
    /\bmultiregion (?:up|plan|status|failover|failback|down|policy|state (?:show|rebuild|takeover|unlock(?: [\w-]+)?))(?![\w-])/,
    /(?: --(?:to|region|lineage) [\w-]+| --adopt(?: (?:ADDRESS\b|[\w-]+(?:\/[\w-]+)+))*| --(?!local|help)[a-z-]+)*/,
    /( --(?:local|help)\b)?/,
  ]
    .map(({ source }) => source)
    .join(''),
  'g',
)

/** The same text, each of its commands for the local cloud: typed without `--local` it would go to AWS. What shows help needs no cloud. */
export const localized = (text: string) =>
  text.replace(COMMAND, (all, known?: string) => (known ? all : `${all} --local`))

export const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`
