// dynalite's parsers of expressions, in linear time and within AWS's limits. As they come they try every alternative of
// their grammar anew at every position, which is exponential in the nesting. What they answer is theirs, unchanged;
// `dynalite-engine.ts` puts them in.
import { readFileSync } from 'node:fs'
import type { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'

type Parse = (text: string, options: object) => unknown
interface Parser {
  parse: Parse
}

// AWS: of any expression; https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const LONGEST_BYTES = 4096
// AWS: comparators, functions, + and -; AND, OR and NOT do not count.
const MOST_OPERATORS = 300
const UNCOUNTED = ['and', 'or', 'not']

const PARSERS = ['conditionParser', 'projectionParser', 'updateParser']

/** Replaces the parsers of the dynalite that `require` loads. */
export function mendParsers(require: ReturnType<typeof createRequire>): void {
  for (const name of PARSERS) {
    const file = `dynalite/db/${name}`
    const parse = compileMemoized(readFileSync(require.resolve(file), 'utf8'))
    ;(require(file) as Parser).parse = (text, options) => parseWithin(text, () => parse(text, options))
  }
}

// The shape of a rule in what PEG.js 0.10 generates without its cache.
const RULE = /function peg\$parse(\w+)\(\) \{/g

/** The parser of a source that PEG.js generated, each rule of which is applied once at each position. */
export function compileMemoized(source: string): Parse {
  let rules = 0
  const rewritten = source.replace(RULE, (_, rule: string) => {
    const once = rules++ ? '' : ONCE
    return `${once}function peg$parse${rule}() { return peg$once(${rules}, peg$apply${rule}) }\nfunction peg$apply${rule}() {`
  })
  if (!rules) throw new Error('this is no parser that PEG.js 0.10 generated')
  const module = { exports: {} as Parser }
  compileFunction(rewritten, ['module'])(module)
  return module.exports.parse
}

// A rule that failed silently has not said what it expected, so it is another one when it is asked aloud.
const ONCE = `
  var peg$known = new Map()
  function peg$once(rule, apply) {
    var key = (peg$currPos * 1000 + rule) * 2 + (peg$silentFails === 0 ? 0 : 1)
    var known = peg$known.get(key)
    if (known) {
      peg$currPos = known.end
      return known.result
    }
    var result = apply()
    peg$known.set(key, { result: result, end: peg$currPos })
    return result
  }
  `

// One more than can stand in each other while each has an operator or function of its own.
const DEEPEST = MOST_OPERATORS * 2

/** Throws an error with AWS's words after `Invalid ConditionExpression: `. */
function parseWithin(text: string, parse: () => unknown): unknown {
  const bytes = Buffer.byteLength(text)
  if (bytes > LONGEST_BYTES)
    throw new Error(`Expression size has exceeded the maximum allowed size; expression size: ${bytes}`)
  const depth = depthOf(text)
  if (depth > DEEPEST) {
    if (/\(\s*\(/.test(text)) throw new Error('The expression has redundant parentheses;')
    throw tooMany(depth)
  }
  const parsed = parse()
  const operators = countOperators(parsed)
  if (operators > MOST_OPERATORS) throw tooMany(operators)
  return parsed
}

const tooMany = (operators: number) =>
  new Error(`The expression contains too many operators; operator count: ${operators}`)

/** How many parentheses are open at once. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (const sign of text) {
    if (sign === '(') depth++
    if (sign === ')') depth--
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

interface Node {
  readonly type?: string
  readonly args?: readonly Node[]
  /** Of a whole condition. */
  readonly expression?: Node
  /** Of a whole update. */
  readonly sections?: readonly { readonly val?: Node }[]
}

/** Errors are texts, paths are arrays: they have none. */
function countOperators(parsed: unknown): number {
  const { expression, sections = [] } = parsed as Node
  const left = [expression, ...sections.map(({ val }) => val)]
  let count = 0
  for (let node = left.pop(); left.length || node; node = left.pop()) {
    if (!node || !Array.isArray(node.args)) continue
    if (!UNCOUNTED.includes(node.type ?? '')) count++
    left.push(...node.args)
  }
  return count
}
