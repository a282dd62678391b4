// IAM, as far as the tool asks it: roles, their policies and their tags. What a policy allows is tested with those who
// ask: Lambda's role, the functions' calls, the operator.
import type { ServiceSuite } from '../suite.js'
import { policyOperations } from './policy-suite.js'
import { roleOperations } from './role-suite.js'
import { tagOperations } from './tag-suite.js'

export const iamSuite: ServiceSuite = {
  service: 'iam',
  operations: { ...roleOperations, ...tagOperations, ...policyOperations },
  states: [
    'A fresh role is not assumable by Lambda for 5-15 s.',
    'A change of policies, trust or boundary is in effect 2-8 s later; who reads it sees it at once.',
  ],
  differences: [
    'Roles only: no users, groups, instance profiles, customer managed policies, access keys.',
    'Four AWS managed policies are known; others cannot be attached, as their permissions would be a guess.',
    'Reads see every change at once; AWS’s may answer NoSuchEntity for a moment, above all from another endpoint.',
    'Two changes of one role in the same 10 ms are refused; how long AWS’s window is, is not known.',
    'A policy with a condition key, operator or variable that this cloud cannot evaluate is refused when it is put.',
    'Names of services in trust policies are checked by form only, and principals of other roles not for their existence.',
    'RoleLastUsed stays empty.',
    'Calls have no rate limits.',
  ],
}
