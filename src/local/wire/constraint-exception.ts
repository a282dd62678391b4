// Where AWS is known not to apply its model word for word: shapes, by service, with what is changed (`undefined`: not
// checked here). Everything else is applied as generated, unconfirmed as that is for a single shape.
import type { Constraint } from './constraint.js'

type Change = { readonly [K in keyof Constraint]?: Constraint[K] | undefined }

const ANY_TEXT = { pattern: undefined }
const ANY_LENGTH = { min: undefined, max: undefined }

export const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, Change>>>> = {
  dynamodb: {
    // AWS: names have words of their own, `TableName must be at least 3 characters long and at most 255 ...`, or name
    // the pattern (dynalite's tests against AWS); an ARN of the model's length is refused as an ARN.
    TableArn: ANY_LENGTH,
    TableName: { ...ANY_TEXT, ...ANY_LENGTH },
    // Items are at most 400 KB, keys shorter: a name of 64 KB is refused for that, if at all.
    AttributeName: ANY_LENGTH,
  },
  iam: {
    // AWS: `The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the
    // following: +=,.@_-` (terraform#2521 and others): the service's own check, after lengths.
    roleNameType: ANY_TEXT,
    policyNameType: ANY_TEXT,
    pathType: ANY_TEXT,
    policyDocumentType: ANY_TEXT,
  },
  lambda: {
    // AWS: InvalidParameterValueException `Value x at 'runtime' failed to satisfy constraint: Member must satisfy enum
    // value set: [...] or be a valid ARN` (localstack's tests against AWS).
    Runtime: { enum: undefined },
  },
}
