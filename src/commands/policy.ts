// `policy`: prints what IAM must allow an operator of the configured stack, for the administrator who creates it. What is
// in it, and why, is operator-policy.ts's; account and zone are asked of the cloud where they are not given.
import type { Config } from '../config/schema.js'
import { operatorPolicy, policySize, policyText } from './operator-policy.js'
import { explained } from './preflight.js'
import { type PolicyResult, SCHEMA_VERSION } from './result.js'
import { whoAmI } from './session.js'
import type { Target } from './target.js'
import { findZone } from './zone.js'

export interface PolicyOptions {
  readonly account?: string
  /** The hosted zone's id. */
  readonly zone?: string
}

/** Calls nothing where both options are given; `target` is opened when it is needed. Throws MultiregionError. */
export async function policy(
  config: Config,
  target: () => Promise<Target>,
  given: PolicyOptions,
): Promise<PolicyResult> {
  const { account, zone, partition } =
    given.account && given.zone
      ? { account: given.account, zone: given.zone, partition: 'aws' }
      : await lookUp(config, await target(), given)
  const document = operatorPolicy({
    stack: config.stack,
    table: config.table.name,
    shared: config.state.backend === 'global-table',
    domain: config.domain,
    account,
    zone,
    partition,
  })
  return {
    schemaVersion: SCHEMA_VERSION,
    verb: 'policy',
    stack: config.stack,
    policy: document,
    text: policyText(document),
    characters: policySize(document),
  }
}

async function lookUp(config: Config, target: Target, { account, zone }: PolicyOptions) {
  const who = await whoAmI(config, target)
  const { route53 } = target.clients(config.home)
  return {
    account: account ?? who.account,
    partition: who.partition,
    zone: zone ?? (await explained(findZone(config, route53))).id,
  }
}
