// POST /item {id, name}: stores the item, stamped with the region and the time of the write.
// AWS: global tables of version 2019.11.21 add no `aws:rep:updateregion`, so the stamp is ours; `get-item.ts` shows it.
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { answer, answering, jsonBody, Refusal } from './http.js'
import { database, itemId } from './table.js'
import { variable } from './variable.js'

const LONGEST_NAME = 1024

/** 201 with the stored item; 400 for a body that is none. Members other than id and name are not stored. */
export const handler = answering(async (event) => {
  const body = jsonBody(event)
  const item = {
    id: itemId(body.id),
    name: itemName(body.name),
    region: variable('AWS_REGION'),
    updatedAt: new Date().toISOString(),
  }
  await database.send(
    new PutItemCommand({
      TableName: variable('TABLE_NAME'),
      Item: {
        id: { N: String(item.id) },
        name: { S: item.name },
        region: { S: item.region },
        updatedAt: { S: item.updatedAt },
      },
    }),
  )
  return answer(201, item)
})

function itemName(value: unknown): string {
  if (value === undefined) throw new Refusal(400, 'the name is missing')
  if (typeof value !== 'string' || value === '')
    throw new Refusal(400, 'the name must be a text that is not empty')
  if (value.length > LONGEST_NAME)
    throw new Refusal(400, `the name is longer than ${LONGEST_NAME} characters`)
  // Half a surrogate pair is legal in JSON and impossible in DynamoDB.
  if (Buffer.from(value).toString() !== value) throw new Refusal(400, 'the name is not well-formed Unicode')
  return value
}
