// Why a resource stays as it is, in words: what the plan, the way up and the way down all refuse. Who may be taken over
// all the same is `adoption.ts`'s.
import {
  ForeignResourceError,
  ImmutableChangeError,
  type MultiregionError,
  NotReadyError,
} from '../base/errors.js'
import type { Node } from './graph.js'
import type { Entry } from './ledger.js'
import type { Change, Identity } from './step.js'

/** `entry`: what the state says of it. `isOnTheWayUp`: where it may be adopted, the hint says how, beside those that `adopts` names. */
export const foreign = (
  node: Node,
  observed: Identity,
  entry: Entry | undefined,
  isOnTheWayUp = false,
  adopts: readonly string[] = [],
) =>
  new ForeignResourceError(
    observed.stack === undefined
      ? `${node.address}: ${observed.id} exists already and does not carry the owner marks of this stack's state`
      : `${node.address}: ${observed.id} exists already and carries the owner marks of the stack ${observed.stack}`,
    wasOurs(observed, entry) && node.step.adopt
      ? marksAreGone(node, adopts)
      : waysOut(node, observed, isOnTheWayUp, adopts),
    {
      address: node.address,
      region: node.site.region,
      id: observed.id,
      ...(observed.lineage && { lineage: observed.lineage }),
      ...(observed.stack !== undefined && { stack: observed.stack }),
      ...(isOnTheWayUp && node.step.adopt && observed.stack === undefined && { adoptable: true, adopts }),
    },
  )

/** The way out for several at once; undefined where there is none for all of them. */
export function wayOutOfAll(errors: readonly MultiregionError[]): string | undefined {
  const lineages = new Set(errors.flatMap(({ data }) => (data.stack === undefined && data.lineage) || []))
  if (lineages.size > 0) return rebuildFirst([...lineages].join(', '))
  const isForeign = (error: MultiregionError) => error instanceof ForeignResourceError
  const addressesOf = (some: readonly MultiregionError[]) => some.map(({ data }) => data.address).join(' ')
  // Who was adopted by this command is left out by the next one that does not name it again.
  const named = errors.flatMap(({ data }) => (data.adopts ?? []) as readonly string[])
  const adoptable = errors.filter(({ data }) => data.adoptable)
  if (adoptable.length < 2) return undefined
  const others = errors.filter((error) => isForeign(error) && !adoptable.includes(error))
  const besides =
    others.length > 0 ? ` Once what cannot be adopted is out of the way (${addressesOf(others)}),` : ' Or'
  return `Choose another name or stage in the config, or remove what is in the way.${besides} make these this stack's, after which multiregion down removes them with all that is in them: multiregion up --adopt ${[...new Set(named), addressesOf(adoptable)].join(' ')}`
}

const rebuildFirst = (lineage: string) =>
  `It was made for this stack by another state (lineage ${lineage}). If that state is lost: multiregion state rebuild. If another machine has it, work there.`

const wasOurs = ({ id, stack, lineage }: Identity, entry: Entry | undefined) =>
  entry?.settled === true && entry.id === id && stack === undefined && lineage === undefined

const marksAreGone = ({ address }: Node, adopts: readonly string[]) =>
  `The state knows it as this stack's own, so its owner tags went by hand. Take it over again: multiregion up --adopt ${[...adopts, address].join(' ')}`

function waysOut(
  { step, address }: Node,
  { lineage, stack }: Identity,
  isOnTheWayUp: boolean,
  adopts: readonly string[],
): string {
  if (stack !== undefined)
    return "It is that stack's, so it is never adopted. Choose another name or stage in the config."
  if (lineage) return rebuildFirst(lineage)
  const items = step.data ? ' and all its items' : ''
  const adopt =
    isOnTheWayUp && step.adopt
      ? ` Or make it this stack's, after which multiregion down removes it${items}: multiregion up --adopt ${[...adopts, address].join(' ')}`
      : ''
  return `It was made by hand or by another tool. Choose another name or stage in the config, or remove the resource.${adopt}`
}

export const immutable = (
  node: Node,
  changes: readonly Change[],
  hint = 'Undo the change in the config, or run multiregion down first if its data may go.',
) =>
  new ImmutableChangeError(
    `${node.address}: ${changes.map((c) => `${c.field} cannot change in place (${show(c.from)} -> ${show(c.to)})`).join('; ')}`,
    hint,
    { address: node.address, region: node.site.region, fields: changes.map((change) => change.field) },
  )

export const failed = (node: Node, reason: string) =>
  new NotReadyError(
    `${node.address}: ${reason}`,
    'Mend the cause that AWS names, then run multiregion up again.',
    { address: node.address, region: node.site.region, reason },
  )

const show = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
