// The constraints of AWS's models: every one can be applied, each belongs to a member of the SDK's schemas, and the files
// are what botocore says. What is refused with them over the wire is test/conformance/validation.test.ts's.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { NormalizedSchema } from '@smithy/core/schema'
import { findBotocore, generatedFiles } from '../../../scripts/botocore.js'
import { WIRE_CLIENTS } from '../../../src/local/wire/clients.js'
import {
  brokenRules,
  loadConstraints,
  matches,
  modelOf,
  translatePattern,
} from '../../../src/local/wire/constraint.js'
import { EXCEPTIONS } from '../../../src/local/wire/constraint-exception.js'
import { operationsOf } from '../../../src/local/wire/schema.js'

describe('constraints', () => {
  test('every pattern compiles', async () => {
    for (const { name } of WIRE_CLIENTS) {
      for (const [shape, { pattern }] of Object.entries((await modelOf(name))!.shapes)) {
        if (pattern !== undefined) assert.doesNotThrow(() => matches(pattern, ''), `${name} ${shape}`)
      }
    }
  })

  test('patterns mean what Java means: the whole text, classes of Unicode, a dash beside a class', () => {
    assert.deepEqual(
      ['a', 'a1', ' a', 'a\n'].map((text) => matches('[a-z]\\d?', text)),
      [true, true, false, false],
    )
    assert.ok(matches('[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*', 'Zürich 東京 ٣'))
    assert.ok(!matches('[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*', 'a*b'))
    assert.ok(matches('[\\w-_]*', 'a-b_c') && !matches('[\\w-_]*', 'a.b'))
    assert.ok(matches('\\p{Print}+', 'a b') && !matches('\\p{Print}+', 'é'))
    assert.equal(translatePattern('[a-z-_]+\\-[^\\s]'), '[a-z-_]+\\-[^\\s]')
  })

  test('a pattern is told before a length, an enum before both, and texts that are too long are not matched', () => {
    const constraint = { enum: ['abc'], min: 2, max: 4, pattern: '(a+)+b' }
    assert.deepEqual(brokenRules(constraint, ''), ['enum', 'pattern', 'shortest'])
    assert.deepEqual(brokenRules(constraint, 'a'.repeat(1000)), ['enum', 'longest'])
    assert.deepEqual(brokenRules({ min: 1, max: 3 }, 0), ['least'])
    assert.deepEqual(brokenRules({ min: 1, max: 3 }, 4), ['most'])
    assert.deepEqual(brokenRules({ min: 1, max: 1 }, { a: 1, b: 2 }), ['longest'])
    assert.deepEqual(brokenRules({ max: 2 }, new Uint8Array(3)), ['longest'])
    assert.deepEqual(brokenRules(undefined, 'anything'), [])
  })

  for (const { name: service, load } of WIRE_CLIENTS) {
    test(`${service}: every constraint is of a member that the SDK knows`, async () => {
      const { module } = await load()
      const model = (await modelOf(service))!
      const constraints = await loadConstraints(service)
      const operations = operationsOf(module)
      const strangers: string[] = []
      const seen = new Set<string>()
      const walk = (schema: NormalizedSchema, shape: string | undefined, path: string) => {
        if (shape === undefined || seen.has(shape)) return
        seen.add(shape)
        const { members = {}, item, key, value, enum: values, pattern } = model.shapes[shape]!
        if (values || pattern !== undefined) assert.ok(schema.isStringSchema(), path)
        const known = new Map(schema.isStructSchema() ? schema.structIterator() : [])
        for (const [member, target] of Object.entries(members)) {
          const below = known.get(member)
          if (below) walk(below, target, `${path}.${member}`)
          else strangers.push(`${path}.${member}`)
        }
        if (item) walk(schema.getValueSchema(), item, `${path}[]`)
        if (key) walk(schema.getKeySchema(), key, `${path}{}`)
        if (value) walk(schema.getValueSchema(), value, `${path}{}`)
      }
      for (const [operation, shape] of Object.entries(model.inputs)) {
        const schema = operations.get(operation)
        if (schema) walk(NormalizedSchema.of(schema.input), shape, `${service} ${operation}`)
        else strangers.push(`${service} ${operation}`)
      }
      assert.deepEqual(strangers, [])
      assert.equal(constraints('NoSuchOperation'), undefined)
    })
  }

  test('every exception is of a shape that constrains', async () => {
    for (const [service, shapes] of Object.entries(EXCEPTIONS)) {
      const model = (await modelOf(service))!
      for (const [shape, change] of Object.entries(shapes)) {
        const changed = Object.keys(change).filter((rule) => rule in (model.shapes[shape] ?? {}))
        assert.ok(changed.length > 0, `${service} ${shape}`)
      }
    }
  })

  const committed = JSON.parse(readFileSync('src/local/wire/constraint/iam.json', 'utf8')) as {
    botocore: string
  }
  const botocore = findBotocore(process.env.BOTOCORE)
  const skip = !botocore
    ? 'there is no botocore'
    : botocore.version === committed.botocore
      ? false
      : `botocore is ${botocore.version}, the files are of ${committed.botocore}: set BOTOCORE to a folder of it`
  test('the files are what botocore says', { skip }, () => {
    for (const [file, content] of generatedFiles(botocore!)) {
      assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(content)), file)
    }
  })
})
