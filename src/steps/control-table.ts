// The table of a shared state: the same three steps as the data's own table, under names of their own and a procedure of
// their own, since the state that tells of all other steps is kept in it. What is in it is `state/control-table.ts`'s.
import { controlTableName } from '../base/names.js'
import type { Config } from '../config/schema.js'
import { type AnyStep, defineStep, everywhere, inRegion } from '../engine/step.js'
import { replica } from './replica.js'
import { table } from './table.js'
import { tableProtection } from './table-protection.js'

// Never taken over: it may hold the state of whoever made it.
const controlTable = defineStep({ ...table, kind: 'control-table', adopt: undefined })
const controlReplica = defineStep({
  ...replica,
  kind: 'control-replica',
  needs: { table: everywhere(controlTable) },
})
const controlProtection = defineStep({
  ...tableProtection,
  kind: 'control-protection',
  needs: { table: everywhere(controlTable), replicas: inRegion(controlReplica) },
})

export const controlProcedure: readonly AnyStep[] = [controlTable, controlReplica, controlProtection]

/** The config as its steps read it. */
export const controlConfig = (config: Config): Config => ({
  ...config,
  table: {
    name: controlTableName(config.stack),
    partitionKey: { name: 'pk', type: 'S' },
    sortKey: { name: 'sk', type: 'S' },
    deletionProtection: true,
    pointInTimeRecovery: true,
  },
})
