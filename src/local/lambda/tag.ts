// Tags of functions, which are named by their ARN here.
import type {
  ListTagsCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-lambda'
import type { Call } from '../ports.js'
import type { FunctionRecord } from './function.js'
import { checkTags, invalid, unsupported, violation } from './input.js'
import { functionOf, keep, type LambdaState } from './state.js'

// AWS: what can have tags; functions are what there is here.
const FUNCTION_ARN =
  /^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:function:([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?$/
const OTHER_ARN =
  /^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:(code-signing-config|event-source-mapping|capacity-provider|layer):/

function tagged(state: LambdaState, call: Call, resource: string): FunctionRecord {
  const [kind] = OTHER_ARN.exec(resource)?.slice(1) ?? []
  if (kind) throw unsupported(`resources of kind ${kind}`)
  const match = FUNCTION_ARN.exec(resource)
  if (!match)
    throw violation(
      resource,
      'resource',
      'satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:...',
    )
  if (match[2]) {
    throw invalid('Tags on function aliases and versions are not supported. Please specify a function ARN.')
  }
  return functionOf(state, call, { FunctionName: resource })
}

/** The operations on tags. */
export function tagOperations(state: LambdaState) {
  return {
    TagResource(input: TagResourceCommandInput, call: Call) {
      const fn = tagged(state, call, input.Resource!)
      if (!Object.keys(input.Tags!).length)
        throw invalid('An error occurred and the request cannot be processed.')
      const tags = { ...fn.tags, ...input.Tags }
      checkTags(tags)
      keep(state, { ...fn, tags })
      return {}
    },

    UntagResource(input: UntagResourceCommandInput, call: Call) {
      const fn = tagged(state, call, input.Resource!)
      const left = Object.entries(fn.tags).filter(([key]) => !input.TagKeys!.includes(key))
      keep(state, { ...fn, tags: Object.fromEntries(left) })
      return {}
    },

    ListTags: (input: ListTagsCommandInput, call: Call) => ({
      Tags: { ...tagged(state, call, input.Resource!).tags },
    }),
  }
}
