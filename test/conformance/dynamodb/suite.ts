// The conformance suite of DynamoDB, put together from its nouns.
import type { ServiceSuite } from '../suite.js'
import { globalTableOperations } from './global-table.js'
import { itemOperations } from './item.js'
import { itemsOperations } from './items.js'
import { subResourceOperations } from './sub-resource.js'
import { tableOperations } from './table.js'
import { tagOperations } from './tag.js'
import { transactionOperations } from './transaction.js'
import { updateTable } from './update-table.js'

export const dynamodbSuite: ServiceSuite = {
  service: 'dynamodb',
  operations: {
    ...tableOperations,
    UpdateTable: updateTable,
    ...tagOperations,
    ...subResourceOperations,
    ...globalTableOperations,
    ...itemOperations,
    ...itemsOperations,
    ...transactionOperations,
  },
  states: [
    'table CREATING 2 to 6.2 s, UPDATING 1 to 3 s (estimated), DELETING 4 to 6 s',
    'replica listed after 5 to 7 s, describable after 8 to 11 s, ACTIVE after 14 to 49 s (with items 562 to 686 s)',
    'removed replica: members UPDATING 31 to 47 s, unlisted after 121 to 244 s, gone 10 to 35 s later',
    'deletion protection: 15 s between two changes, 34 to 39 s UPDATING in a global table',
    'tags: locked 1.6 s, shown after 1.6 to 3 s',
    'backups enabled 1.4 to 2.7 s after ACTIVE',
    'time to live: 31 minutes between two changes',
    'items in the other regions after 0.3 to 1 s',
    'request tokens remembered for 10 minutes',
  ],
  differences: [
    'Streams can be switched on and are shown, but not read.',
    'No PartiQL, backups and restores, export and import, contributor insights, Kinesis destinations, resource policies, DescribeLimits or DescribeEndpoints: 501.',
    'Indexes are fixed when the table is created; changing them is refused.',
    'KMS keys, table classes other than STANDARD, warm and on-demand throughput limits are refused.',
    'UpdateTable is refused while UPDATING, deletion protection included (unconfirmed on AWS).',
    'Replicas take no overrides, and ReplicaUpdates.Update is refused.',
    'Global tables of PROVISIONED tables are refused, as there is no auto scaling.',
    'Strong consistency across regions (MRSC) is refused, in AWS’s words where AWS refuses it too.',
    'Opt-in regions count as enabled.',
    'A deleted table with recovery on leaves no SYSTEM backup.',
    'An asynchronous failure to add a replica does not occur.',
    'A replica is never detached (REPLICATION_NOT_AUTHORIZED).',
    'No capacity, and no rate limits: nothing is throttled, so that batches leave no UnprocessedItems but for size.',
    'An answer of BatchGetItem ends at 1.4 MB (AWS: 16 MB).',
    'Batches name tables by name, not by ARN.',
    'Reads are always consistent within a region.',
    'Transactions answer no consumed capacity.',
    'Writes that arrive by replication do not conflict with transactions.',
    'Expired items are deleted within about a minute (AWS: usually minutes, up to days), by ordinary deletions.',
    'An attribute named __proto__ is refused.',
    'Arithmetic whose result has more than 38 digits is refused (unconfirmed on AWS, where it may be rounded).',
    'AND, OR and NOT do not count as operators of an expression (unconfirmed for NOT).',
    'Item sizes and TableSizeBytes are approximate.',
    'A power cut, unlike a kill, may take the last moments.',
  ],
}
