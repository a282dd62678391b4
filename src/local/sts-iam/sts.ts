// STS: who is calling. Assuming a role is not offered to callers; the sessions of functions come from iam.ts.
import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts'
import type { Call, LocalService } from '../ports.js'
import type { World } from '../world.js'
import { userId } from './identifier.js'
import { rolesOf } from './role.js'

/** The service, for all regions and for the global endpoint. */
export function stsService(world: World): LocalService {
  const roles = rolesOf(world)

  function GetCallerIdentity(_: object, { principal }: Call): GetCallerIdentityResponse {
    const role = principal.roleName === undefined ? undefined : roles.find(principal.roleName)
    const sessionName = principal.arn.split('/').at(-1)
    const UserId = role ? `${role.roleId}:${sessionName}` : userId(principal.arn)
    return { Account: world.account, Arn: principal.arn, UserId }
  }

  return {
    name: 'sts',
    operations: { GetCallerIdentity },
    // AWS: it needs no permission, and works even under an explicit deny.
    authorize: () => [],
  }
}
