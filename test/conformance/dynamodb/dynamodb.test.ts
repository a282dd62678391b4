// The conformance suite of DynamoDB.
import { runSuite } from '../run.js'
import { dynamodbSuite } from './suite.js'

runSuite(dynamodbSuite)
