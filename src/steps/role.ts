// Execution roles: one per function and region, with only that function's actions on its own region's table, and its own
// log group to write to. A fresh role is not assumable for some seconds; `function.ts` waits for that.
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  paginateListRoles,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { orAbsent } from '../aws/errors.js'
import { addressOf, belongs, ownership, tagList } from '../aws/tags.js'
import { keyOf, logGroupName, namePrefix, roleName } from '../base/names.js'
import { compare } from '../engine/diff.js'
import { defineStep, type OtherConfig, perFunction } from '../engine/step.js'

const POLICY = 'multiregion'
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}

export const role = defineStep({
  kind: 'role',
  sites: perFunction,
  needs: {},
  global: true,
  patience: { everySeconds: 2, forMinutes: 5 },

  named: ({ config, site }) => ({ roleName: roleName(config.stack, site.name!, site.region) }),

  async keys({ iam, region }, { stack }) {
    const keys: string[] = []
    for await (const page of paginateListRoles({ client: iam }, {}))
      for (const { RoleName } of page.Roles ?? [])
        keys.push(...keyOf(RoleName!, namePrefix(stack), `-${region}`))
    return keys
  },

  // A role's own address names its region, and its policy its table. Roles are listed for all regions at once.
  async otherConfig({ iam, region, tags }, { stack, home, regions, table }) {
    if (region !== home) return []
    const others: OtherConfig[] = []
    for await (const page of paginateListRoles({ client: iam }, {}))
      for (const { RoleName: id = '' } of page.Roles ?? []) {
        const marks = id.startsWith(namePrefix(stack)) ? (await getRole(iam, id))?.Tags : undefined
        if (!belongs(marks, tags)) continue
        const its = addressOf(marks)?.split('/')[1] ?? ''
        if (id.endsWith(`-${its}`) && !regions.some((one) => one === its))
          others.push({ field: 'regions', value: its, id })
        const value = tableOf(await policyOf(iam, id))
        if (value !== undefined && value !== table.name) others.push({ field: 'table.name', value, id })
      }
    return others
  },

  desired: ({ config, env, site }) => {
    const { actions } = config.functions.find(({ key }) => key === site.name)!
    const table = `arn:${env.partition}:dynamodb:${site.region}:${env.account}:table/${config.table.name}`
    const logs = `arn:${env.partition}:logs:${site.region}:${env.account}:log-group:${logGroupName(config.stack, site.name!)}:*`
    return {
      roleName: roleName(config.stack, site.name!, site.region),
      trust: TRUST as object,
      policy: policyFor([...actions], table, logs) as object,
    }
  },

  async observe({ iam, tags }, { roleName }, id) {
    const name = id ?? roleName
    const found = await getRole(iam, name)
    if (!found) return undefined
    const policy = await policyOf(iam, name)
    return {
      id: name,
      ...ownership(found.Tags, tags),
      arn: found.Arn!,
      roleId: found.RoleId!,
      roleName: name,
      trust: document(found.AssumeRolePolicyDocument),
      policy,
      otherPolicies: await othersOf(iam, name),
    }
  },

  // A role has the rights that the config shows, and no others, whoever gave them.
  diff: (desired, { otherPolicies = [], ...observed }) => [
    ...compare(desired, observed, { roleName: 'immutable', trust: 'mutable', policy: 'mutable' }),
    ...(otherPolicies.length > 0 ? [{ field: 'otherPolicies', from: otherPolicies, to: [] }] : []),
  ],

  readiness: () => ({ state: 'ready' }),

  async create({ iam, tags }, { roleName, trust }) {
    await iam.send(
      new CreateRoleCommand({
        RoleName: roleName,
        AssumeRolePolicyDocument: JSON.stringify(trust),
        Description: `Made by multiregion for ${tags['multiregion:address']}`,
        Tags: tagList(tags),
      }),
    )
    return roleName
  },

  async update({ iam }, desired, { id }, changes) {
    const changed = (name: string) => changes.some(({ field }) => field === name)
    if (changed('otherPolicies')) await strip(iam, id, POLICY)
    else if (changed('trust'))
      await iam.send(
        new UpdateAssumeRolePolicyCommand({ RoleName: id, PolicyDocument: JSON.stringify(desired.trust) }),
      )
    else
      await iam.send(
        new PutRolePolicyCommand({
          RoleName: id,
          PolicyName: POLICY,
          PolicyDocument: JSON.stringify(desired.policy),
        }),
      )
  },

  // The rights that it had go with the next update.
  async adopt({ iam, tags }, _desired, { id }) {
    await iam.send(new TagRoleCommand({ RoleName: id, Tags: tagList(tags) }))
  },

  // AWS: a role that has policies cannot be deleted (DeleteConflict), whoever added them.
  async remove({ iam }, { id }) {
    await strip(iam, id)
    await iam.send(new DeleteRoleCommand({ RoleName: id }))
  },
})

const getRole = async (iam: IAMClient, RoleName: string) =>
  (await orAbsent(iam.send(new GetRoleCommand({ RoleName }))))?.Role

const policyOf = async (iam: IAMClient, RoleName: string) =>
  document(
    (await orAbsent(iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: POLICY }))))?.PolicyDocument,
  )

/** The name of the table that it lets its function use. */
const tableOf = (policy: object | undefined) => /:table\/([\w.-]+)"/.exec(JSON.stringify(policy ?? {}))?.[1]

async function policiesOf(iam: IAMClient, RoleName: string, kept?: string) {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }))
  const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))
  return {
    inline: PolicyNames.filter((name) => name !== kept),
    attached: AttachedPolicies.map(({ PolicyArn }) => PolicyArn!),
  }
}

async function othersOf(iam: IAMClient, RoleName: string): Promise<string[]> {
  const { inline, attached } = await policiesOf(iam, RoleName, POLICY)
  return [...inline, ...attached]
}

async function strip(iam: IAMClient, RoleName: string, kept?: string): Promise<void> {
  const { inline, attached } = await policiesOf(iam, RoleName, kept)
  for (const PolicyName of inline) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }))
  for (const PolicyArn of attached) await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }))
}

/** AWS: IAM answers policy documents URL-encoded. */
const document = (text: string | undefined): object | undefined =>
  text === undefined ? undefined : JSON.parse(decodeURIComponent(text))

function policyFor(actions: string[], table: string, logs: string) {
  const indexes = actions.some((action) => /:(Query|Scan)$/.test(action)) ? [`${table}/index/*`] : []
  // No logs:CreateLogGroup: a late invocation would make a deleted group again.
  const statements = [
    { Sid: 'Logs', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: [logs] },
  ]
  if (actions.length > 0)
    statements.unshift({ Sid: 'Table', Effect: 'Allow', Action: actions, Resource: [table, ...indexes] })
  return { Version: '2012-10-17', Statement: statements }
}
