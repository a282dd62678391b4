// What the verbs that look after the state have to say to a person.
import type { RebuildResult, ShowResult, TakeoverResult } from '../commands/result.js'
import { command, count, lines, type ReportOptions } from './layout.js'
import { silentText } from './words.js'

export function showText({ stack, file, state, gone }: ShowResult, options: ReportOptions): string {
  const { paint, local } = options
  if (!state)
    return lines(
      `${stack} has no state here: ${file} is not there. ${gone ?? 'Nothing was made from this project, or it was removed, or its state is lost.'}`,
      `If the stack stands, and no other machine has its state: ${command('state rebuild', options)}`,
      local ? undefined : 'What stands on the local cloud is shown with --local.',
    )
  const { lineage, serial, account, home, regions, drained, entries } = state
  return lines(
    paint.strong(`${stack}: ${file}`),
    `  lineage ${lineage}, serial ${serial}, account ${account}, stack's home ${home}, regions ${regions.join(', ')}`,
    ...Object.entries(drained).map(([region, { since }]) => `  ${region} is drained since ${since}`),
    ...Object.entries(entries).map(([address, { id, intent, superseded }]) => {
      const open = intent ? `  (open: ${intent.action} since ${intent.at})` : ''
      const old = superseded ? `  (to be swept: ${superseded.join(', ')})` : ''
      return `  ${address.padEnd(44)} ${id ?? '-'}${open}${old}`
    }),
  )
}

/** Said before and after. */
export const LEFT_OUT =
  "This stands under its names too, but carries another's owner tags or none, so it is left out:"

/** Said before and after. */
export const UNSEEN = 'This could not be looked at; the next up or down that gets an answer looks for it:'

/** Up and down leave it alone. */
function leftOutHint({ stack, lineage, leftOut }: RebuildResult): string[] {
  const adoptable = leftOut.flatMap(({ address, adoptable }) => (adoptable ? [address] : []))
  const others = adoptable.length < leftOut.length
  return [
    ...(adoptable.length > 0
      ? [`If it is yours, take it over: multiregion up --adopt ${adoptable.join(' ')}`]
      : []),
    `${others ? 'What cannot be adopted needs' : 'Or give it'} its tags back: multiregion:stack=${stack}, multiregion:lineage=${lineage} and multiregion:address=ADDRESS, then: multiregion state rebuild`,
    'Till then up and down leave it alone.',
  ]
}

export function rebuildText(result: RebuildResult, options: ReportOptions): string {
  const { stack, found, leftOut, unseen, drained, file, aside } = result
  const { paint } = options
  return lines(
    found.length > 0
      ? paint.good(`${stack} has its state again: ${count(found.length, 'resource')}, in ${file}.`)
      : paint.good(`Nothing of ${stack} stands, so its state begins anew, in ${file}.`),
    ...(leftOut.length > 0
      ? [
          paint.warn(LEFT_OUT),
          ...leftOut.map(({ address, id }) => `  ${address.padEnd(44)} ${id}`),
          ...leftOutHint(result),
        ]
      : []),
    ...(unseen.length > 0 ? [paint.warn(UNSEEN), ...silentText(unseen)] : []),
    drained.length > 0 ? `Drained by failover: ${drained.join(', ')}.` : undefined,
    aside ? `The former file is ${aside}.` : undefined,
    `next: ${command('plan', options)}`,
  )
}

export function takeoverText(
  { stack, from, to, changed, forced }: TakeoverResult,
  options: ReportOptions,
): string {
  if (!changed) return `${to} is the home of the shared state of ${stack} already.\n`
  return lines(
    options.paint.good(`${to} is the home of the shared state of ${stack} now; it was ${from}.`),
    forced
      ? `${from} did not answer: what a run there may still write is looked for in the cloud by the next one here.`
      : undefined,
    `next: ${command('plan', options)}`,
  )
}
