// What the local Lambda keeps and works with, and how a call finds its function.
import type { Call, IamPort } from '../ports.js'
import type { Collection, World } from '../world.js'
import type { FunctionCode } from './code-store.js'
import { type FunctionRecord, unsettled } from './function.js'
import { functionArn, functionNotFound, parseFunctionName } from './function-name.js'
import type { FunctionHost } from './host.js'
import { invalid } from './input.js'

export interface LambdaState {
  readonly world: World
  readonly iam: IamPort
  /** By `region/name`. */
  readonly functions: Collection<FunctionRecord>
  readonly code: FunctionCode
  readonly host: FunctionHost
}

export const functionKey = (region: string, name: string) => `${region}/${name}`

export const keep = (state: LambdaState, fn: FunctionRecord) =>
  state.functions.set(functionKey(fn.region, fn.name), fn)

interface Named {
  FunctionName?: string | undefined
  Qualifier?: string | undefined
}

/**
 * The function that a call names. Throws ResourceNotFoundException for one that is absent, and for any version or
 * alias but `$LATEST`, as nothing can be published here.
 */
export function functionOf(
  state: LambdaState,
  call: Call,
  { FunctionName, Qualifier }: Named,
): FunctionRecord {
  const { account } = state.world
  const { name, qualifier } = parseFunctionName(FunctionName!, Qualifier, { region: call.region, account })
  const fn = state.functions.get(functionKey(call.region, name))
  if (fn && (qualifier === undefined || qualifier === '$LATEST')) return fn
  throw functionNotFound(functionArn({ region: call.region, account }, name), qualifier)
}

/** AWS: a new function can be read, tagged and deleted, and nothing else before it is Active. */
export function refusePending(state: LambdaState, fn: FunctionRecord): void {
  const conflict = fn.change.kind === 'create' && unsettled(fn, state.world.clock.now())
  if (conflict) throw conflict
}

/** The functions of a region by name. */
export function functionsIn(state: LambdaState, region: string): FunctionRecord[] {
  const found = [...state.functions.values()].filter((fn) => fn.region === region)
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What a region's functions have reserved for themselves of the account's concurrency. */
export function reservedIn(state: LambdaState, region: string): number {
  return functionsIn(state, region).reduce((sum, fn) => sum + (fn.reservedConcurrency ?? 0), 0)
}

/** AWS: a role that does not exist, or does not yet for Lambda, is refused in the same words. */
export function checkRole(state: LambdaState, roleArn: string): void {
  if (state.iam.lambdaRole(roleArn) === 'assumable') return
  throw invalid('The role defined for the function cannot be assumed by Lambda.')
}
