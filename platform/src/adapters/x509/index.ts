export {
  type Authority,
  type AuthorityParts,
  type ListenerCertificate,
  openAuthority,
} from './authority.ts';
export { LintError } from './lint.ts';
export { toPem } from './pem.ts';
export { csrAttributes } from './pkcs7.ts';
export { maxRequestOctets, readRequest } from './request.ts';
