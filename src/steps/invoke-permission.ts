// Invoke permissions: lets exactly one method and path of one stage of our API call the function. One statement per
// function, so two are never added at once, which AWS may lose silently.
import {
  AddPermissionCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda'
import type { Context } from '../aws/context.js'
import { orAbsent } from '../aws/errors.js'
import { belongs } from '../aws/tags.js'
import { functionName } from '../base/names.js'
import { compare } from '../engine/diff.js'
import { defineStep, here, perFunction } from '../engine/step.js'
import { fn } from './function.js'
import { restApi } from './rest-api.js'

const STATEMENT = 'multiregion-api'

interface Statement {
  Sid: string
  Condition?: {
    ArnLike?: { 'AWS:SourceArn'?: string }
    StringEquals?: { 'AWS:SourceAccount'?: string }
  }
}

export const invokePermission = defineStep({
  kind: 'invoke-permission',
  sites: perFunction,
  needs: { fn: here(fn), api: here(restApi) },
  patience: { everySeconds: 2, forMinutes: 5 },

  named: ({ config, site }) => ({ functionName: functionName(config.stack, site.name!) }),

  desired: ({ config, env, site, needs }) => {
    const { method, path } = config.functions.find(({ key }) => key === site.name)!
    // AWS: compared with a like-operator, so a path parameter is a star.
    const route = `${config.stage}/${method}${path.replace(/\{[^}]+\}/g, '*')}`
    return {
      functionName: functionName(config.stack, site.name!),
      sourceArn: `arn:${env.partition}:execute-api:${site.region}:${env.account}:${needs.api.id}/${route}`,
      sourceAccount: env.account,
    }
  },

  async observe({ lambda }, { functionName }) {
    const answer = await orAbsent(lambda.send(new GetPolicyCommand({ FunctionName: functionName })))
    const { Statement: statements }: { Statement: Statement[] } = JSON.parse(
      answer?.Policy ?? '{"Statement":[]}',
    )
    const ours = statements.find(({ Sid }) => Sid === STATEMENT)
    return (
      ours && {
        id: `${functionName}/${STATEMENT}`,
        owned: true,
        sourceArn: ours.Condition?.ArnLike?.['AWS:SourceArn'],
        sourceAccount: ours.Condition?.StringEquals?.['AWS:SourceAccount'],
      }
    )
  },

  diff: (desired, observed) => compare(desired, observed, { sourceArn: 'mutable', sourceAccount: 'mutable' }),

  readiness: () => ({ state: 'ready' }),

  create: add,

  // AWS: a statement cannot be changed. A crash between the two leaves none, which the next look mends.
  async update(ctx, desired) {
    await take(ctx, desired.functionName)
    await add(ctx, desired)
  },

  inherits: async ({ lambda, tags }, { functionName }) => {
    const found = await orAbsent(lambda.send(new GetFunctionCommand({ FunctionName: functionName })))
    return belongs(found?.Tags, tags)
  },

  async remove(ctx, _observed, { functionName }) {
    await take(ctx, functionName)
  },
})

async function add(
  { lambda }: Context,
  desired: { functionName: string; sourceArn: string; sourceAccount: string },
) {
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: desired.functionName,
      StatementId: STATEMENT,
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: desired.sourceArn,
      SourceAccount: desired.sourceAccount,
    }),
  )
  return `${desired.functionName}/${STATEMENT}`
}

const take = ({ lambda }: Context, FunctionName: string) =>
  orAbsent(lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: STATEMENT })))
