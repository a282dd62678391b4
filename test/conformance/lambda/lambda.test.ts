// The conformance suite of Lambda.
import { runSuite } from '../run.js'
import { lambdaSuite } from './suite.js'

runSuite(lambdaSuite)
