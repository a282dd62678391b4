// The conformance suite of CloudWatch Logs.
import { runSuite } from '../run.js'
import { logsSuite } from './suite.js'

runSuite(logsSuite)
