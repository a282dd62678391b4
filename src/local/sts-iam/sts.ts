// STS: who is calling. Assuming a role is not offered to callers; the sessions of functions come from iam.ts.
import { createHash } from 'node:crypto'
import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts'
import type { Call, LocalService } from '../ports.js'
import type { World } from '../world.js'
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

/** AWS: AIDA and 17 characters of base32. Here they derive from the ARN, so that they stay the same. */
function userId(arn: string): string {
  const hash = createHash('sha256').update(arn).digest()
  return `AIDA${Array.from(hash.subarray(0, 17), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('')}`
}
