// The local Lambda: its operations, the port through which API Gateway invokes, and the start and end of what runs
// the functions. Each noun has a file of its own; what is kept is state.ts's.
import { join } from 'node:path'
import type { Call, IamPort, LambdaPort, LocalService, LogsPort, Want } from '../ports.js'
import { hasTags, keysOrTags, wantOf } from '../wire/want.js'
import type { World } from '../world.js'
import { CodeStore, type FunctionCode } from './code-store.js'
import { concurrencyOperations } from './concurrency.js'
import { EventQueue } from './event-queue.js'
import type { FunctionRecord } from './function.js'
import { functionArn, parseFunctionName } from './function-name.js'
import { functionOperations } from './function-operations.js'
import { type FunctionHost, type HostPorts, LambdaHost } from './host.js'
import { invokeOperations, lambdaPort, runFunction } from './invoke.js'
import { regionOperations } from './list-functions.js'
import { permissionOperations } from './permission.js'
import { functionKey, type LambdaState } from './state.js'
import { tagOperations } from './tag.js'

export interface LambdaPorts {
  readonly iam: IamPort
  readonly logs: LogsPort
  /** This cloud's front door, asked whenever a function's process is started. */
  readonly endpointUrl: () => string
  /** The certificate of the local authority, PEM. */
  readonly caFile: string
  /** Default: files below the cloud's folder. */
  readonly openCode?: (folder: string) => FunctionCode
  /** Default: a process for each environment. */
  readonly startHost?: (world: World, ports: HostPorts) => Promise<FunctionHost>
}

export type LambdaService = LocalService &
  LambdaPort & {
    /** Goes on with what waits from before; called once the front door is open to functions. */
    start(): void
    close(): Promise<void>
  }

/** Lambda of all regions. `close` ends every process that runs a function. */
export async function lambdaService(world: World, ports: LambdaPorts): Promise<LambdaService> {
  const functions = world.store.collection<FunctionRecord>('lambda.function')
  const folder = join(world.dataDir, 'lambda')
  const code = ports.openCode?.(folder) ?? new CodeStore(folder)
  code.sweep(new Set([...functions.values()].flatMap(shasOf)))
  const host = await (ports.startHost ?? LambdaHost.start)(world, { ...ports, code })
  const state: LambdaState = { world, iam: ports.iam, functions, code, host }
  const queue = new EventQueue(
    world,
    (region, name) => functions.get(functionKey(region, name)),
    (fn, request) => runFunction(state, fn, request),
  )
  return {
    name: 'lambda',
    operations: {
      ...functionOperations(state),
      ...regionOperations(state),
      ...permissionOperations(state),
      ...tagOperations(state),
      ...concurrencyOperations(state),
      ...invokeOperations(state, queue),
    },
    authorize: (operation, input, call) => needed(world, operation, input, call),
    ...lambdaPort(state),
    start: () => queue.start(),
    async close() {
      queue.close()
      await host.close()
      code.close()
    },
  }
}

const shasOf = ({ settings, change }: FunctionRecord) =>
  [settings, change.before].flatMap((kept) => (kept ? [kept.codeSha256] : []))

/**
 * AWS: service authorization reference "AWS Lambda". Invoke is allowed by `lambda:InvokeFunction`; whoever gives a role
 * to a function must be allowed to pass it; GetFunction leaves the tags out for those who may not list them.
 */
function needed(world: World, operation: string, input: Record<string, unknown>, call: Call): Want[] {
  const resource = resourceOf(world, input, call)
  const on = (action: string, context?: Want['context']) => wantOf(`lambda:${action}`, resource, context)
  const { Role, Principal, Tags, TagKeys } = input
  const tags = keysOrTags(TagKeys, Tags)
  const context = { ...tags, ...(typeof Principal === 'string' && { 'lambda:Principal': Principal }) }
  const passed = wantOf('iam:PassRole', String(Role), { 'iam:PassedToService': 'lambda.amazonaws.com' })
  return [
    on(operation === 'Invoke' ? 'InvokeFunction' : operation, context),
    ...(operation === 'CreateFunction' && hasTags(Tags) ? [on('TagResource', tags)] : []),
    ...(operation === 'GetFunction' ? [{ ...on('ListTags'), optional: true as const }] : []),
    ...(typeof Role === 'string' ? [passed] : []),
  ]
}

function resourceOf({ account }: World, input: Record<string, unknown>, { region }: Call): string {
  if (typeof input.Resource === 'string') return input.Resource
  if (typeof input.FunctionName !== 'string') return '*'
  const place = { region, account }
  const asked = typeof input.Qualifier === 'string' ? input.Qualifier : undefined
  const { name, qualifier } = parseFunctionName(input.FunctionName, asked, place)
  return qualifier ? `${functionArn(place, name)}:${qualifier}` : functionArn(place, name)
}
