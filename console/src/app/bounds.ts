/** Longest wait for an answer of the platform, in milliseconds. */
export const tooLongMs = 30_000;
/** How often pages that show live state ask again, in milliseconds. */
export const liveMs = 5_000;
/** As {@link liveMs}, for what changes slowly. */
export const slowMs = 20_000;
/** A page that nobody touched for this long stops asking, so that an unattended screen does not prolong its session. */
export const idleMs = 15 * 60_000;
/** Largest file a form takes from the reader's disk, in bytes: what the platform's listener takes. */
export const maxFile = 4_000_000;
