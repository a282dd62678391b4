// Expressions that no table could be asked: nested for ever, or beyond AWS's limits. They are refused at once, in AWS's
// words; and every other one is understood as the engine's own parsers do.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import { compileMemoized } from '../../../src/local/dynamodb/expression-parser.js'
import { seededRandom } from '../../../src/local/random.js'
import { createTable, EU, open, TABLE } from './harness.js'

const nested = (times: number, before: string, core: string, after: string) =>
  before.repeat(times) + core + after.repeat(times)

describe('nested expressions', () => {
  const exists = 'attribute_exists(a)'
  const cases: readonly [what: string, input: object, says: RegExp][] = [
    [
      '400 parentheses',
      { ConditionExpression: nested(400, '(', exists, ')') },
      /^ValidationException: Invalid ConditionExpression: The expression has redundant parentheses;/,
    ],
    [
      '2,000 parentheses',
      { ConditionExpression: nested(2000, '(', 'a=b', ')') },
      /Invalid ConditionExpression: The expression has redundant parentheses;/,
    ],
    [
      '16 parentheses that are not closed',
      { ConditionExpression: nested(16, '(', exists, '') },
      /Invalid ConditionExpression: Syntax error/,
    ],
    [
      '301 operators, one in the other',
      { ConditionExpression: nested(300, 'a<b OR (', 'a<b', ')') },
      /Invalid ConditionExpression: The expression contains too many operators; operator count: 301/,
    ],
    [
      '800 negations',
      { ConditionExpression: nested(800, 'NOT(', exists, ')') },
      /Invalid ConditionExpression: The expression contains too many operators/,
    ],
    [
      '500 functions, one in the other',
      { ConditionExpression: nested(500, 'size(', 'a', ')') },
      /Invalid ConditionExpression: /,
    ],
    [
      'more than 4 KB',
      { ConditionExpression: `${'a'.repeat(4096)}=b` },
      /Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4098/,
    ],
  ]
  test('are refused by PutItem at once', async (t) => {
    const harness = await open(t)
    await createTable(harness, EU)
    for (const [what, input, says] of cases) {
      const refusal = await harness.refused(EU, 'PutItem', {
        TableName: TABLE,
        Item: { id: { N: '1' } },
        ...input,
      })
      assert.match(refusal, says, what)
    }
    const least = { TableName: TABLE, Item: { id: { N: '1' } } }
    await harness.ok(EU, 'PutItem', {
      ...least,
      ConditionExpression: nested(299, 'a<b OR (', 'attribute_not_exists(a)', ')'),
    })
    await harness.ok(EU, 'PutItem', { ...least, ConditionExpression: nested(299, 'NOT (', exists, ')') })
  })

  test('are refused in updates, filters and transactions, too', async (t) => {
    const harness = await open(t)
    await createTable(harness, EU)
    const Key = { id: { N: '1' } }
    const deep = nested(400, '(', 'a', ')')
    const refusals = [
      await harness.refused(EU, 'UpdateItem', { TableName: TABLE, Key, UpdateExpression: `SET b = ${deep}` }),
      await harness.refused(EU, 'UpdateItem', {
        TableName: TABLE,
        Key,
        UpdateExpression: `SET b = ${nested(250, 'list_append(a,', 'a', ')')}`,
      }),
      await harness.refused(EU, 'Scan', { TableName: TABLE, FilterExpression: `${deep} = b` }),
      await harness.refused(EU, 'Scan', { TableName: TABLE, ProjectionExpression: deep }),
      await harness.refused(EU, 'TransactWriteItems', {
        TransactItems: [{ ConditionCheck: { TableName: TABLE, Key, ConditionExpression: `${deep} = b` } }],
      }),
    ]
    for (const refusal of refusals) assert.match(refusal, /^(Validation|TransactionCanceled)Exception: /)
  })
})

test('what is memoized is understood as without', () => {
  const require = createRequire(import.meta.url)
  const random = seededRandom(11)
  const pick = <T>(some: readonly T[]) => some[Math.floor(random() * some.length)]!
  const WORDS = {
    conditionParser: [
      ...['a', 'b.c', '#n', ':v', ':w', 'a[0]', '(', ')', '((', '))', '=', '<>', '<', '>=', ' AND ', ' OR '],
      ...[
        'NOT ',
        ' BETWEEN ',
        ' IN ',
        ',',
        'size(a)',
        'attribute_exists(a)',
        'contains(a,:v)',
        'begins_with(',
      ],
      ...['a=b', '(a=b)', 'a = :v AND b < :w', ' ', 'key'],
    ],
    updateParser: [
      ...['SET ', 'REMOVE ', 'ADD ', 'DELETE ', 'a', 'b.c', '#n', ':v', '(', ')', '=', '+', '-', ',', 'a[0]'],
      ...['a=:v', 'b=b+:v', 'list_append(a,:v)', 'if_not_exists(a,:v)', ' ', 'd :v'],
    ],
    projectionParser: ['a', 'b.c', '#n', ',', 'a[0]', '[1]', '.', ' ', 'key', '('],
  }
  let whole = 0
  for (const [name, words] of Object.entries(WORDS)) {
    const file = require.resolve(`dynalite/db/${name}`)
    const memoized = compileMemoized(readFileSync(file, 'utf8'))
    // The module's own source, as the service may have replaced its parser.
    const plain = compilePlain(readFileSync(file, 'utf8'))
    for (let turn = 0; turn < 500; turn++) {
      const text = Array.from({ length: 1 + Math.floor(random() * 7) }, () => pick(words)).join('')
      const [one, other] = [memoized, plain].map((parse) => outcomeOf(parse, text))
      assert.deepEqual(one, other, `${name}: ${text}`)
      if (one && typeof one.parsed === 'object') whole++
    }
  }
  assert.ok(whole > 50, `only ${whole} were whole expressions`)
})

type Parse = (text: string, options: object) => unknown

function compilePlain(source: string): Parse {
  const module = { exports: {} as { parse: Parse } }
  new Function('module', source)(module)
  return module.exports.parse
}

function outcomeOf(parse: Parse, text: string) {
  const context = {
    attrNames: { '#n': 'name' },
    attrVals: { ':v': { N: '1' }, ':w': { S: 'x' } },
    unusedAttrNames: { '#n': true },
    unusedAttrVals: { ':v': true, ':w': true },
    isReserved: (name: string) => name === 'key',
    compare: () => false,
  }
  try {
    return { parsed: parse(text, { context }), context: JSON.stringify(context) }
  } catch (error) {
    return { error: (error as Error).message, context: JSON.stringify(context) }
  }
}
