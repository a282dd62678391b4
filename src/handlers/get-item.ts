// GET /item/{itemId}: the item from this region's replica, with the region that wrote it last.
// `put-item.ts` wrote it, perhaps in another region.
import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { answer, answering } from './http.js'
import { database, itemId, plainItem } from './table.js'
import { variable } from './variable.js'

/** 200 with the item, 400 for an id that is no whole number, 404 for an item that is not (or not yet) here. */
export const handler = answering(async ({ pathParameters }) => {
  const id = itemId(pathParameters?.itemId)
  const { Item } = await database.send(
    new GetItemCommand({
      TableName: variable('TABLE_NAME'),
      Key: { id: { N: String(id) } },
      // AWS: strong within this region only; what another region wrote follows within about a second.
      ConsistentRead: true,
    }),
  )
  return Item ? answer(200, plainItem(Item)) : answer(404, { message: `there is no item ${id}` })
})
