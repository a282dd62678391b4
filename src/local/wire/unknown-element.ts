// Refuses elements of a REST-XML body that its operation does not have. AWS: Route 53 checks bodies against an XML schema,
// where the SDK's deserializer passes over what it does not know. What known elements hold is `input.ts`'s.
// The order of elements, which the schema fixes too, is not checked.
import { XmlShapeDeserializer } from '@aws-sdk/core/protocols'
import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticStructureSchema } from '@smithy/types'
import { XML_SETTINGS } from './codec.js'
import { AwsError } from './errors.js'
import { isInUrl, type OperationSchema } from './schema.js'

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/'

/** Throws InvalidInput for a root or an element that is not the operation's. Throws the parser's error for what is no XML. */
export function refuseUnknownElements({ input }: OperationSchema, body: Uint8Array): void {
  const text = Buffer.from(body).toString('utf8')
  const schema = NormalizedSchema.of(input)
  if (!text.trim() || !schema.isStructSchema()) return
  const content = parser.contentOf(text)
  const root = /<([A-Za-z_][^\s/>]*)/.exec(text)?.[1]
  const expected = schema.getMergedTraits().xmlName ?? schema.getName()
  // AWS: right_aws_api#30.
  if (root !== expected) throw invalid(`cvc-elt.1: Cannot find the declaration of element '${root}'.`)
  visit(schema, content, true)
}

function visit(schema: NormalizedSchema, content: unknown, isRoot = false): void {
  if (typeof content !== 'object' || content === null) return
  if (schema.isStructSchema()) visitStructure(schema, content, isRoot)
  else if (schema.isListSchema()) visitList(schema, content)
}

function visitStructure(schema: NormalizedSchema, content: object, isRoot: boolean): void {
  const [, , , , names, targets] = schema.getSchema() as StaticStructureSchema
  const inUrl = new Set(isRoot ? names.filter((_, index) => isInUrl(targets[index]!)) : [])
  const members = new Map(
    [...schema.structIterator()]
      .filter(([name]) => !inUrl.has(name))
      .map(([name, member]) => [String(member.getMemberTraits().xmlName ?? name), member] as const),
  )
  for (const [element, value] of Object.entries(content)) {
    if (isNoElement(element)) continue
    const member = members.get(element)
    if (!member)
      throw unknown(
        element,
        [...members.keys()].filter((name) => !Object.hasOwn(content, name)),
      )
    for (const one of member.isListSchema() ? [value] : [value].flat()) visit(member, one)
  }
}

function visitList(schema: NormalizedSchema, content: object): void {
  const item = schema.getValueSchema()
  const name = String(item.getMergedTraits().xmlName ?? 'member')
  for (const list of [content].flat()) {
    if (typeof list !== 'object' || list === null) continue
    for (const [element, value] of Object.entries(list)) {
      if (isNoElement(element)) continue
      if (element !== name) throw unknown(element, [name])
      for (const one of [value].flat()) visit(item, one)
    }
  }
}

/** Text between elements, and attributes such as the namespace. */
const isNoElement = (name: string) => name === '#text' || /^(xmlns|xsi)(:|$)/.test(name)

// AWS: aws-sdk-js#71; the elements that may come, as far as they have not.
function unknown(element: string, expected: readonly string[]): AwsError {
  const names = expected.map((name) => `"${NAMESPACE}":${name}`).join(', ')
  const [rule, then] = expected.length
    ? ['2.4.a', `One of '{${names}}' is expected.`]
    : ['2.4.d', 'No child element is expected at this point.']
  return invalid(
    `cvc-complex-type.${rule}: Invalid content was found starting with element '${element}'. ${then}`,
  )
}

const invalid = (words: string) => new AwsError('InvalidInput', `Invalid XML ; ${words}`)

class Parser extends XmlShapeDeserializer {
  /** What is inside the root, as the SDK's parser has it: texts, objects by element, lists where one is repeated. */
  contentOf(text: string): unknown {
    return this.parseXml(text)
  }
}

const parser = new Parser(XML_SETTINGS)
