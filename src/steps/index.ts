// The article's procedure, top to bottom: what is made, in the order in which it is told. Each step names what it needs,
// and that is the only order the engine keeps; all else runs at the same time, in all regions.
import type { AnyStep } from '../engine/step.js'
import { basePathMapping } from './base-path-mapping.js'
import { certificate } from './certificate.js'
import { certificateIssued } from './certificate-issued.js'
import { deployment } from './deployment.js'
import { domainName } from './domain-name.js'
import { fn } from './function.js'
import { healthCheck } from './health-check.js'
import { invokePermission } from './invoke-permission.js'
import { logGroup } from './log-group.js'
import { policyRecord } from './policy-record.js'
import { replica } from './replica.js'
import { restApi } from './rest-api.js'
import { role } from './role.js'
import { stage } from './stage.js'
import { table } from './table.js'
import { tableProtection } from './table-protection.js'
import { trafficPolicy } from './traffic-policy.js'
import { validationRecord } from './validation-record.js'

export const procedure: readonly AnyStep[] = [
  // DynamoDB global table
  table,
  replica,
  tableProtection,
  // Functions
  role,
  logGroup,
  fn,
  // Regional REST API
  restApi,
  invokePermission,
  deployment,
  stage,
  // Certificates and custom domains
  certificate,
  validationRecord,
  certificateIssued,
  domainName,
  basePathMapping,
  // Health checks, traffic policy and its record
  healthCheck,
  trafficPolicy,
  policyRecord,
]
