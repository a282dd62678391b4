// The root records that traffic policy instances hold in a zone, and which instances still are. Read by all who
// must know what stands at a name; `policy-instance.ts` makes and ends instances.
import type { ResourceRecordSet } from '@aws-sdk/client-route-53'
import type { Context } from './context.js'
import { compareAscii, sortKeyOf } from './name.js'
import type { InstanceState } from './state.js'

// AWS: what a root record shows in place of values, in answers of this version of the API.
const PLACEHOLDER =
  'This resource record set includes an attribute that is unsupported on this Route 53 API version. ' +
  'Please consider using a newer API version or a tool that does so.'

/** The instances that still are, those being deleted too, sorted by zone, name and type. */
export function instancesOf({ world, state }: Context): InstanceState[] {
  const now = world.clock.now()
  for (const { id, goneAt } of [...state.instances.values()]) {
    if (goneAt !== undefined && now >= goneAt) state.instances.delete(id)
  }
  return [...state.instances.values()].sort(
    (a, b) =>
      compareAscii(a.zoneId, b.zoneId) ||
      compareAscii(sortKeyOf(a.name), sortKeyOf(b.name)) ||
      compareAscii(a.type, b.type),
  )
}

/** Whether it is a new instance whose records cannot be made: it holds no name in its zone. */
export const hasNoRecords = ({ failure, servingBefore }: InstanceState) =>
  failure !== undefined && servingBefore === undefined

/** The instances whose root record stands in a zone. */
export const rootsOf = (context: Context, zoneId: string): InstanceState[] =>
  instancesOf(context).filter(
    (instance) => instance.zoneId === zoneId && instance.rootGoneAt === undefined && !hasNoRecords(instance),
  )

/** The root as ListResourceRecordSets shows it. */
export const rootRecord = ({ id, name, type, serving }: InstanceState): ResourceRecordSet => ({
  Name: name,
  Type: type,
  TTL: serving.ttl,
  ResourceRecords: [{ Value: PLACEHOLDER }],
  TrafficPolicyInstanceId: id,
})

/** AWS: deleting the root by hand leaves the instance, which answers nothing any more and is still charged. */
export function deleteRoot({ state }: Context, instance: InstanceState, visibleAt: number): void {
  state.instances.set(instance.id, { ...instance, rootGoneAt: visibleAt })
}
