export { type Attribution, attribute, attributionWindow, RecentAddresses, type SeenDevice } from './attribution.ts';
export { duty } from './duty.ts';
export {
  acceptedSuites,
  cipherList,
  groupList,
  judgeChannel,
  type MinTls,
  minVersionOf,
  type TlsVersion,
} from './suites.ts';
