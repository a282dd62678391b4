// Changes of zones: when they are in sync everywhere, when DNS first answers them, and one at a time per zone.
// What changed is none of its business: `zone.ts` and `change-batch.ts` submit, GetChange asks.
import type { ChangeInfo, GetChangeRequest, GetChangeResponse } from '@aws-sdk/client-route-53'
import { AwsError } from '../wire/errors.js'
import type { Context } from './context.js'
import { stripId } from './input.js'
import { newId } from './new-id.js'
import type { ChangeState } from './state.js'

// AWS: INSYNC means that all name servers have the change; the first of them have it long before.
const FIRST_ANSWER_SHARE = 0.25
// AWS: while a zone's change is being processed (moments, not until INSYNC), the next one is refused.
const PROCESSING_SECONDS = 0.2
const REMEMBERED_CHANGES = 1000

export interface Submitted {
  readonly info: ChangeInfo
  /** From then on DNS answers the change. */
  readonly visibleAt: number
}

/** Records a change of a zone. `atOnce` is for what must be there from the start. */
export function submitChange({ world, state }: Context, comment?: string, atOnce = false): Submitted {
  const submittedAt = world.clock.now()
  const insyncAt = atOnce ? submittedAt : world.clock.after(world.takes('route53.change-insync'))
  const change: ChangeState = {
    id: newId('C'),
    submittedAt,
    insyncAt,
    ...(comment !== undefined && { comment }),
  }
  state.changes.set(change.id, change)
  forgetOldest({ state })
  const visibleAt = submittedAt + (insyncAt - submittedAt) * FIRST_ANSWER_SHARE
  return { info: infoOf(change, submittedAt), visibleAt }
}

function forgetOldest({ state }: Pick<Context, 'state'>): void {
  if (state.changes.size <= REMEMBERED_CHANGES) return
  const oldest = [...state.changes.values()].sort((a, b) => a.submittedAt - b.submittedAt)[0]
  if (oldest) state.changes.delete(oldest.id)
}

/** Takes the zone for one change; throws PriorRequestNotComplete while another one is being processed. */
export function claimZone({ world, busyZones }: Context, zoneId: string): void {
  if (world.profile === 'instant') return
  if (world.clock.now() < (busyZones.get(zoneId) ?? 0)) throw priorRequestNotComplete()
  busyZones.set(zoneId, world.clock.after(PROCESSING_SECONDS))
}

export const priorRequestNotComplete = () =>
  new AwsError(
    'PriorRequestNotComplete',
    'The request was rejected because Route 53 was still processing a prior request.',
    400,
  )

const infoOf = (change: ChangeState, now: number): ChangeInfo => ({
  Id: `/change/${change.id}`,
  Status: now >= change.insyncAt ? 'INSYNC' : 'PENDING',
  SubmittedAt: new Date(change.submittedAt),
  ...(change.comment !== undefined && { Comment: change.comment }),
})

export function changeOperations({ world, state }: Context) {
  return {
    GetChange({ Id }: GetChangeRequest): GetChangeResponse {
      const id = stripId(Id!)
      const change = state.changes.get(id)
      if (!change) throw new AwsError('NoSuchChange', `Could not find resource with ID: ${id}`, 404)
      return { ChangeInfo: infoOf(change, world.clock.now()) }
    },
  }
}
