// Every service's conformance suite, for the table in the docs and its test.
import { acmSuite } from './acm/suite.js'
import { apigatewaySuite } from './apigateway/suite.js'
import { dynamodbSuite } from './dynamodb/suite.js'
import { iamSuite } from './iam/suite.js'
import { lambdaSuite } from './lambda/suite.js'
import { logsSuite } from './logs/suite.js'
import { route53Suite } from './route53/suite.js'
import { stsSuite } from './sts/suite.js'
import type { ServiceSuite } from './suite.js'

export const SUITES: readonly ServiceSuite[] = [
  dynamodbSuite,
  lambdaSuite,
  logsSuite,
  apigatewaySuite,
  acmSuite,
  route53Suite,
  iamSuite,
  stsSuite,
]
