import { implemented, notImplemented } from '@pactgate/proof';

/** What is claimed: rows that are judged, and rows that are shown as not implemented, counted apart. */
export { implemented, notImplemented };
