// Service-linked roles that services make for themselves at their first use, on behalf of the caller, who must be
// allowed to. What such a role looks like, and CreateServiceLinkedRole itself, are in role-operation.ts.
import type { LinkedRolesPort, Principal } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { CallContext, Decision } from './iam.js'
import { serviceLinkedRole } from './managed-policy.js'
import type { Roles } from './role.js'

type Decide = (principal: Principal, action: string, resource: string, context: CallContext) => Decision

/** `make` is CreateServiceLinkedRole; `decide` is IAM's own. */
export function linkedRoles(
  account: string,
  roles: Roles,
  decide: Decide,
  make: (service: string) => void,
): LinkedRolesPort {
  return {
    ensure(service, caller, refusal) {
      const role = serviceLinkedRole(service)
      if (!role) throw new Error(`no service-linked role is known for ${service}`)
      if (roles.find(role.roleName)) return
      const resource = linkedRoleArn(account, service)
      const decision = decide(caller, 'iam:CreateServiceLinkedRole', resource, {
        'iam:AWSServiceName': service,
      })
      if (!decision.allowed) throw new AwsError('AccessDeniedException', refusal ?? decision.message, 403)
      make(service)
    },
  }
}

/** The ARN that CreateServiceLinkedRole is checked against: that of the role to be. */
export function linkedRoleArn(account: string, service: string): string {
  const name = serviceLinkedRole(service)?.roleName ?? '*'
  return `arn:aws:iam::${account}:role/aws-service-role/${service}/${name}`
}
