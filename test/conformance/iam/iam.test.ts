// The conformance suite of IAM.
import { runSuite } from '../run.js'
import { iamSuite } from './suite.js'

runSuite(iamSuite)
