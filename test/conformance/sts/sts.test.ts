// The conformance suite of STS.
import { runSuite } from '../run.js'
import { stsSuite } from './suite.js'

runSuite(stsSuite)
