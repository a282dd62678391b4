// Health checks: the API around their settings, tags apart (`tag.ts`). The checkers that probe are `fleet.ts`.
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type {
  CreateHealthCheckRequest,
  CreateHealthCheckResponse,
  DeleteHealthCheckRequest,
  DeleteHealthCheckResponse,
  GetCheckerIpRangesResponse,
  GetHealthCheckCountResponse,
  GetHealthCheckLastFailureReasonRequest,
  GetHealthCheckLastFailureReasonResponse,
  GetHealthCheckRequest,
  GetHealthCheckResponse,
  GetHealthCheckStatusRequest,
  GetHealthCheckStatusResponse,
  HealthCheck,
  HealthCheckObservation,
  ListHealthChecksRequest,
  ListHealthChecksResponse,
  UpdateHealthCheckRequest,
  UpdateHealthCheckResponse,
} from '@aws-sdk/client-route-53'
import { AwsError } from '../wire/errors.js'
import { type CheckerState, checkerIpRanges, type Report } from './checker.js'
import type { Context } from './context.js'
import { effectiveConfig, type Fleet } from './fleet.js'
import { checkConfig, updatedConfig } from './health-check-config.js'
import { invalidInput, pageOf, startAt } from './input.js'
import { enforceLimit } from './limit.js'
import type { HealthCheckState } from './state.js'

const CHECKS_A_PAGE = 100
const MOST_CHECKS_A_PAGE = 1000
// AWS: the caller reference of a deleted check stays taken "for a number of days".
const DAY_SECONDS = 24 * 3600
const REFERENCE_TAKEN_SECONDS = 3 * DAY_SECONDS
// AWS: CreateHealthCheck, in 24 hours, whatever it answers.
const MOST_CREATES_A_DAY = 1000

/** The check of that id. Throws NoSuchHealthCheck. */
export function healthCheckOf({ state }: Context, givenId: string | undefined): HealthCheckState {
  const id = givenId!
  const check = state.healthChecks.get(id)
  if (!check) throw new AwsError('NoSuchHealthCheck', `A health check with id ${id} does not exist.`, 404)
  return check
}

const describe = (check: HealthCheckState): HealthCheck => ({
  Id: check.id,
  CallerReference: check.callerReference,
  HealthCheckConfig: check.config,
  HealthCheckVersion: check.version,
})

const locationOf = (id: string) => `https://route53.amazonaws.com/2013-04-01/healthcheck/${id}`

const isBasicCheck =
  ({ state }: Context) =>
  (id: string) => {
    const check = state.healthChecks.get(id)
    return check !== undefined && check.config.Type !== 'CALCULATED'
  }

export function healthCheckOperations(context: Context, fleet: Fleet) {
  const { state, world } = context

  const observations = (
    id: string | undefined,
    reportOf: (checker: CheckerState) => Report | undefined,
  ): HealthCheckObservation[] => {
    const check = healthCheckOf(context, id)
    if (check.config.Type === 'CALCULATED') {
      throw invalidInput('The status of a calculated health check cannot be had by this operation.')
    }
    return fleet.checkersOf(check.id).flatMap((checker) => {
      const report = reportOf(checker)
      if (!report) return []
      const StatusReport = { Status: report.status, CheckedTime: new Date(report.at) }
      return [{ Region: checker.region, IPAddress: checker.address, StatusReport }]
    })
  }

  return {
    CreateHealthCheck(input: CreateHealthCheckRequest): CreateHealthCheckResponse {
      countCreate(context)
      const callerReference = input.CallerReference!
      const config = checkConfig(input.HealthCheckConfig!, isBasicCheck(context))
      const existing = sameReference(context, callerReference, config)
      if (existing) return { HealthCheck: describe(existing), Location: locationOf(existing.id) }
      enforceLimit(context, 'MAX_HEALTH_CHECKS_BY_OWNER')
      const now = world.clock.now()
      const id = randomUUID()
      const check: HealthCheckState = {
        id,
        callerReference,
        createdAt: now,
        version: 1,
        config,
        effectiveAt: now,
      }
      state.healthChecks.set(id, check)
      fleet.watch(id)
      return { HealthCheck: describe(check), Location: locationOf(id) }
    },

    GetHealthCheck: ({ HealthCheckId }: GetHealthCheckRequest): GetHealthCheckResponse => ({
      HealthCheck: describe(healthCheckOf(context, HealthCheckId)),
    }),

    GetHealthCheckCount: (): GetHealthCheckCountResponse => ({ HealthCheckCount: state.healthChecks.size }),

    ListHealthChecks(input: ListHealthChecksRequest): ListHealthChecksResponse {
      const checks = [...state.healthChecks.values()].sort((a, b) => a.createdAt - b.createdAt)
      const start = startAt(checks, input.Marker, ({ id }) => id)
      const { items, next, maxItems } = pageOf(
        checks,
        start,
        input.MaxItems ?? CHECKS_A_PAGE,
        MOST_CHECKS_A_PAGE,
      )
      return {
        HealthChecks: items.map(describe),
        Marker: input.Marker ?? '',
        IsTruncated: next !== undefined,
        ...(next && { NextMarker: next.id }),
        MaxItems: maxItems,
      }
    },

    UpdateHealthCheck(input: UpdateHealthCheckRequest): UpdateHealthCheckResponse {
      const check = healthCheckOf(context, input.HealthCheckId)
      if (input.HealthCheckVersion !== undefined && input.HealthCheckVersion !== check.version) {
        const message = `The health check is at version ${check.version}, not ${input.HealthCheckVersion}.`
        throw new AwsError('HealthCheckVersionMismatch', message, 409)
      }
      const updated: HealthCheckState = {
        ...check,
        version: check.version + 1,
        config: checkConfig(updatedConfig(check.config, input), isBasicCheck(context)),
        configBefore: effectiveConfig(check, world.clock.now()),
        effectiveAt: world.clock.after(world.takes('route53.update-health-check-effective')),
      }
      state.healthChecks.set(check.id, updated)
      return { HealthCheck: describe(updated) }
    },

    // AWS: a check that records or policies use can be deleted; HealthCheckInUse is never answered.
    DeleteHealthCheck({ HealthCheckId }: DeleteHealthCheckRequest): DeleteHealthCheckResponse {
      const { id, callerReference } = healthCheckOf(context, HealthCheckId)
      state.healthChecks.delete(id)
      state.deletedReferences.set(callerReference, world.clock.now())
      state.tags.delete(`healthcheck/${id}`)
      fleet.forget(id)
      return {}
    },

    GetHealthCheckStatus: ({ HealthCheckId }: GetHealthCheckStatusRequest): GetHealthCheckStatusResponse => ({
      HealthCheckObservations: observations(HealthCheckId, ({ latest }) => latest),
    }),

    GetHealthCheckLastFailureReason: ({
      HealthCheckId,
    }: GetHealthCheckLastFailureReasonRequest): GetHealthCheckLastFailureReasonResponse => ({
      HealthCheckObservations: observations(HealthCheckId, ({ lastFailure }) => lastFailure),
    }),

    GetCheckerIpRanges: (): GetCheckerIpRangesResponse => ({ CheckerIpRanges: checkerIpRanges() }),
  }
}

/** Throws Throttling when a day's creates are used up. How AWS words that is unconfirmed; its windows may roll. */
function countCreate({ state, world }: Context): void {
  if (world.profile === 'instant') return
  const window = state.creates.get('health-check')
  const goesOn = window !== undefined && world.clock.since(window.since) < DAY_SECONDS
  const { since, count } = goesOn ? window : { since: world.clock.now(), count: 0 }
  if (count >= MOST_CREATES_A_DAY) throw new AwsError('Throttling', 'Rate exceeded', 400)
  state.creates.set('health-check', { since, count: count + 1 })
}

/**
 * The check that was made with this reference. Throws HealthCheckAlreadyExists when it has other settings, or when
 * the reference belonged to a check that is deleted.
 */
function sameReference(
  { state, world }: Context,
  reference: string,
  config: HealthCheckState['config'],
): HealthCheckState | undefined {
  const text = 'A different health check has already been created with the specified caller reference.'
  const exists = new AwsError('HealthCheckAlreadyExists', text, 409)
  const existing = [...state.healthChecks.values()].find(
    ({ callerReference }) => callerReference === reference,
  )
  if (existing && isDeepStrictEqual(existing.config, config)) return existing
  if (existing) throw exists
  const deletedAt = state.deletedReferences.get(reference)
  if (deletedAt === undefined) return undefined
  if (world.clock.since(deletedAt) < REFERENCE_TAKEN_SECONDS) throw exists
  state.deletedReferences.delete(reference)
  return undefined
}
