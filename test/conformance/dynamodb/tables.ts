// Tables for the cases of this suite: made, waited for and asked for as clients do. Each case has tables of its own names.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CreateTableCommandInput,
  DynamoDB,
  type TableDescription,
  type UpdateTableCommandInput,
} from '@aws-sdk/client-dynamodb'
import type { AwsCli } from '../../aws-cli.js'
import { ACCOUNT, IRELAND, type TestCloud } from '../cloud.js'

/** The most that AWS takes, in whole virtual seconds: fractions of them are not exact on the clock of the tests. */
export const CREATED = 7
export const DELETED = 6
export const REPLICA_ACTIVE = 49
export const REPLICA_GONE = 280

export const dynamodb = (cloud: TestCloud, region = IRELAND) => cloud.client(DynamoDB, region)

export const arnOf = (table: string, region = IRELAND) =>
  `arn:aws:dynamodb:${region}:${ACCOUNT}:table/${table}`

export const tableInput = (TableName: string, more: object = {}): CreateTableCommandInput => ({
  TableName,
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
  ...more,
})

/** A table that is ACTIVE, and its region's client. */
export async function table(cloud: TestCloud, name: string, more: object = {}, region = IRELAND) {
  const client = dynamodb(cloud, region)
  await client.createTable(tableInput(name, more))
  await cloud.pass(CREATED)
  return client
}

/** A table with a range key `at`. */
export const listed = (cloud: TestCloud, name: string) =>
  table(cloud, name, {
    KeySchema: [
      { AttributeName: 'id', KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'at', AttributeType: 'N' },
    ],
  })

export const adding = (TableName: string, RegionName: string): UpdateTableCommandInput => ({
  TableName,
  ReplicaUpdates: [{ Create: { RegionName } }],
})

export const removing = (TableName: string, RegionName: string): UpdateTableCommandInput => ({
  TableName,
  ReplicaUpdates: [{ Delete: { RegionName } }],
})

export async function described(
  cloud: TestCloud,
  TableName: string,
  region = IRELAND,
): Promise<TableDescription> {
  return (await dynamodb(cloud, region).describeTable({ TableName })).Table!
}

/** Polls in real time: work that waits for no clock, such as copying items, ends by itself. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (await isSo()) return
    await sleep(5)
  }
  assert.fail(`waited in vain for ${what}`)
}

/** Adds a replica to an empty table and waits until both sides have it ACTIVE. */
export async function withReplica(
  cloud: TestCloud,
  name: string,
  region: string,
  source = IRELAND,
): Promise<void> {
  await dynamodb(cloud, source).updateTable(adding(name, region))
  await cloud.pass(REPLICA_ACTIVE)
  await until(`the replica of ${name} in ${region}`, async () => {
    const { TableStatus } = await described(cloud, name, region)
    return TableStatus === 'ACTIVE'
  })
}

/** A table of one region, and a replica of it in another. */
export async function globalTable(cloud: TestCloud, name: string, region: string, more: object = {}) {
  const client = await table(cloud, name, more)
  await withReplica(cloud, name, region)
  return client
}

export const key = (id: string) => ({ id: { S: id } })
export const item = (id: string, name: string) => ({ id: { S: id }, name: { S: name } })

/** A table made by the `aws` CLI; under the profile `instant` it is ACTIVE at once. */
export async function tableByCli(aws: AwsCli, name: string): Promise<void> {
  const schema = ['--key-schema', 'AttributeName=id,KeyType=HASH']
  const attributes = ['--attribute-definitions', 'AttributeName=id,AttributeType=S']
  const billing = ['--billing-mode', 'PAY_PER_REQUEST']
  await aws.run(['dynamodb', 'create-table', '--table-name', name, ...schema, ...attributes, ...billing])
}

/** `aws dynamodb <command> --table-name <name> ...`, what it printed. */
export async function cli<T = Record<string, unknown>>(
  aws: AwsCli,
  command: string,
  name: string,
  ...more: string[]
): Promise<T> {
  return (await aws.run(['dynamodb', command, '--table-name', name, ...more])) as T
}
