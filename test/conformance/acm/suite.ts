// ACM: public certificates by DNS validation.
import type { ServiceSuite } from '../suite.js'
import { describeCertificate, getCertificate, listCertificates } from './read.js'
import { deleteCertificate, requestCertificate } from './request.js'
import { addTagsToCertificate, listTagsForCertificate, removeTagsFromCertificate } from './tag.js'

export const acmSuite: ServiceSuite = {
  service: 'acm',
  operations: {
    RequestCertificate: requestCertificate,
    DescribeCertificate: describeCertificate,
    GetCertificate: getCertificate,
    ListCertificates: listCertificates,
    DeleteCertificate: deleteCertificate,
    AddTagsToCertificate: addTagsToCertificate,
    RemoveTagsFromCertificate: removeTagsFromCertificate,
    ListTagsForCertificate: listTagsForCertificate,
  },
  states: [
    'a certificate is not found for 0.5–3 s, and has no validation record for 2–10 s',
    'listings lag by 2–8 s',
    'PENDING_VALIDATION → ISSUED 60–300 s after its records resolve, → FAILED (CAA_ERROR) where CAA forbids it, → VALIDATION_TIMED_OUT after 72 h',
    'in use for 1–15 min after its last holder is gone',
  ],
  differences: [
    'DNS validation only: requests for validation by email (the default) or HTTP, private authorities, export and certificates managed by other services are refused with 501, and there is no import.',
    'Nothing is renewed, so a certificate expires 198 real days after it was issued.',
    'Leaves are signed by the local authority, on P-256, whatever Issuer and SignatureAlgorithm say; no certificate is logged publicly.',
    'A certificate fails for CAA only: the names that AWS refuses to certify (INVALID_PUBLIC_DOMAIN, DOMAIN_NOT_ALLOWED, ADDITIONAL_VERIFICATION_REQUIRED, as for example.com) are issued here.',
    'Only the local DNS is asked for validation and CAA records, so names in zones elsewhere stay pending.',
    'The quota of 5,000 requests a year is not counted; that of 2,500 certificates is.',
    'InUseBy names the custom domain; AWS names a load balancer of API Gateway’s own.',
    'The words of InvalidTagException, TooManyTagsException, and of the refusals of key algorithms and of long first names are unconfirmed.',
  ],
}
