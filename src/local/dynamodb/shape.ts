// The shapes of DynamoDB's JSON: items and keys as they stand on the wire, and the SDK's types seen as JSON.
// No behaviour here; `item-key.ts` compares keys.

/** One attribute value: one member, named by its type, such as `{ N: '7' }`. Binary values are base64 text. */
export type WireValue = Readonly<Record<string, unknown>>

/** An item or a key, by attribute name. */
export type WireItem = Readonly<Record<string, WireValue>>

/** A shape of the SDK as it stands in JSON 1.0: dates are epoch seconds, binary values base64 text. */
export type Wire<T> = T extends Date
  ? number
  : T extends Uint8Array
    ? string
    : T extends object
      ? { [K in keyof T]: Wire<T[K]> }
      : T

export interface AttributeDefinition {
  readonly AttributeName: string
  readonly AttributeType: string
}

export interface KeySchemaElement {
  readonly AttributeName: string
  readonly KeyType: string
}

export interface Throughput {
  readonly ReadCapacityUnits: number
  readonly WriteCapacityUnits: number
}

export interface SecondaryIndex {
  readonly IndexName: string
  readonly KeySchema: readonly KeySchemaElement[]
  readonly Projection: Readonly<Record<string, unknown>>
  /** Only of global ones of provisioned tables. */
  readonly ProvisionedThroughput?: Throughput
}

/** What is fixed when a table is created, in CreateTable's own members. Replicas have the same. */
export interface TableSchema {
  readonly AttributeDefinitions: readonly AttributeDefinition[]
  readonly KeySchema: readonly KeySchemaElement[]
  readonly LocalSecondaryIndexes?: readonly SecondaryIndex[]
  readonly GlobalSecondaryIndexes?: readonly SecondaryIndex[]
}
