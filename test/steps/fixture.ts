// What every step of the procedure wants, for a config and an environment, with stand-ins for what it reads of others.
import { parseConfig } from '../../src/config/load.js'
import type { Config } from '../../src/config/schema.js'
import type { Drain, Env } from '../../src/engine/env.js'
import { buildGraph, type Node } from '../../src/engine/graph.js'
import type { Identity } from '../../src/engine/step.js'
import { shape } from '../../src/engine/walk.js'
import { procedure } from '../../src/steps/index.js'
import { shipped, type Written } from '../config/fixture.js'

/** The shipped config after an edit; its handlers are the shipped ones. */
export function article(edit: (config: Written) => void = () => undefined): Config {
  const config = shipped()
  edit(config)
  return parseConfig(JSON.stringify(config), `${process.cwd()}/config/regions.json`)
}

export const ACCOUNT = '123456789012'

export function env(config: Config, drained: Record<string, Drain> = {}, partition = 'aws'): Env {
  const bundles = config.functions.map(({ key }) => [key, { zip: new Uint8Array(), sha256: `sha of ${key}` }])
  return {
    ...{ account: ACCOUNT, partition, hostedZone: { id: 'Z123', name: 'example.com' }, drained },
    bundles: Object.fromEntries(bundles),
  }
}

/** What a step sees of an instance that it needs: an id and whatever anybody reads. */
export function standIn({ address, site, step }: Pick<Node, 'address' | 'site' | 'step'>): Identity {
  const { region, name } = site
  return Object.assign(
    { id: `id of ${address}`, owned: true },
    {
      arn: `arn:aws:lambda:${region}:${ACCOUNT}:${step.kind}:${name}`,
      roleId: `AROA${name}`,
      ...{
        restApiId: `api-${region}`,
        stageName: 'dev',
        target: `d-${region}.execute-api.${region}.amazonaws.com`,
      },
      record: { name: '_abc.multiregion.example.com', value: '_def.acm-validations.aws' },
      ...{ policyId: 'policy-1', version: 3 },
      routes: { 'GET /item': { type: 'AWS_PROXY', uri: `uri in ${region}` } },
    },
  )
}

/** By address. `missing` are those that are not there, for the steps that can do without. */
export function wishes(
  config: Config,
  environment = env(config),
  missing: readonly string[] = [],
): Map<string, unknown> {
  const nodes = buildGraph(procedure, (step) => step.sites(config))
  return new Map(
    nodes.map((node) => {
      const needs = Object.fromEntries(
        node.edges.map((edge) => {
          const optional = edge.reach === 'available'
          const there = edge.nodes.filter(({ address }) => !optional || !missing.includes(address))
          return [edge.as, shape(edge, new Map(there.map((other) => [other, standIn(other)])))]
        }),
      )
      return [node.address, node.step.desired({ config, env: environment, site: node.site, needs })]
    }),
  )
}
