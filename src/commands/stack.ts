// Nodes of a stack for the three ways to walk it: as the config wants it, as the state recorded it, and what the state
// still has but the config does not.
import { buildGraph, type Node } from '../engine/graph.js'
import type { AnyStep, Site } from '../engine/step.js'
import { procedure } from '../steps/index.js'
import type { Session } from './session.js'

/** Every instance that the config asks for, in the order of the procedure. */
export const wantedNodes = ({ config }: Pick<Session, 'config'>): Node[] =>
  buildGraph(procedure, (step) => step.sites(config))

/** Of the health function. Pure. */
export const functionAddress = ({ healthCheck }: Session['config'], region: string): string =>
  `function/${region}/${healthCheck.function}`

/** Every instance that the state knows, whatever the config says now. */
export const recordedNodes = ({ ledger }: Session): Node[] =>
  buildGraph(procedure, (step) => recordedSites(Object.keys(ledger.state.entries), step))

/** What was taken out of the config, such as a function with its role, group and permission. */
export function staleNodes(session: Session): Node[] {
  const wanted = new Set(wantedNodes(session).map(({ address }) => address))
  const stale = Object.keys(session.ledger.state.entries).filter((address) => !wanted.has(address))
  return buildGraph(procedure, (step) => recordedSites(stale, step))
}

function recordedSites(addresses: readonly string[], step: AnyStep): Site[] {
  return addresses.flatMap((address) => {
    const [kind, region, name] = address.split('/')
    return kind === step.kind && region ? [name ? { region, name } : { region }] : []
  })
}
