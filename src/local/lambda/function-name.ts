// How calls name a function: by name, by partial or by full ARN, with or without a qualifier. Whether that function
// exists is not asked here.
import { AwsError } from '../wire/errors.js'
import { violation } from './input.js'

/** Which function a call means, in which words. */
export interface FunctionReference {
  readonly name: string
  /** `$LATEST` or a version or alias, where the name or a Qualifier says one. */
  readonly qualifier?: string
}

/** Where the call was made. */
export interface Place {
  readonly region: string
  readonly account: string
}

// AWS: the patterns of the service's model; its message quotes them.
const NAME_PATTERN = String.raw`(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?`
const NAME =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:([a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/
const QUALIFIER_PATTERN = String.raw`\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`

const MAX_REFERENCE = 140
const MAX_NAME = 64

/** Reads FunctionName and Qualifier. Throws AWS's errors for a malformed one, and for another region or account. */
export function parseFunctionName(
  text: string,
  qualifier: string | undefined,
  place: Place,
): FunctionReference {
  if (text.length > MAX_REFERENCE) {
    throw violation(text, 'functionName', `have length less than or equal to ${MAX_REFERENCE}`)
  }
  const [, region, account, name, ownQualifier] = NAME.exec(text) ?? []
  if (!name) throw violation(text, 'functionName', `satisfy regular expression pattern: ${NAME_PATTERN}`)
  checkPlace({ region, account }, place)
  if (qualifier && !/^(\$LATEST|[a-zA-Z0-9-_$]+)$/.test(qualifier)) {
    throw violation(qualifier, 'qualifier', `satisfy regular expression pattern: ${QUALIFIER_PATTERN}`)
  }
  if (qualifier && ownQualifier && qualifier !== ownQualifier) {
    const message = 'The derived qualifier from the function name does not match the specified qualifier.'
    throw new AwsError('InvalidParameterValueException', message)
  }
  const said = qualifier ?? ownQualifier
  return { name, ...(said && { qualifier: said }) }
}

/** Refuses a name that is too long for a new function. */
export function checkNewName(name: string): void {
  if (name.length <= MAX_NAME) return
  const { message } = violation(name, 'functionName', `have length less than or equal to ${MAX_NAME}`)
  throw new AwsError('InvalidParameterValueException', message)
}

function checkPlace(said: { region: string | undefined; account: string | undefined }, place: Place): void {
  if (said.region && said.region !== place.region) {
    const message = `Functions from '${said.region}' are not reachable in this region ('${place.region}')`
    throw new AwsError('ResourceNotFoundException', message, 404)
  }
  if (said.account && said.account !== place.account) {
    throw new AwsError('AccessDeniedException', `The account ${said.account} is not this one.`, 403)
  }
}

export const functionArn = ({ region, account }: Place, name: string) =>
  `arn:aws:lambda:${region}:${account}:function:${name}`

export function functionNotFound(arn: string, qualifier?: string): AwsError {
  const named = qualifier ? `${arn}:${qualifier}` : arn
  return new AwsError('ResourceNotFoundException', `Function not found: ${named}`, 404)
}
