export { type Authority, openAuthority } from './authority.ts';
export { toPem } from './pem.ts';
export { csrAttributes } from './pkcs7.ts';
