/** Reasons to stop reading; any one is enough. */
export const block = {
  /** Waiting for the admission. */
  admission: 1,
  /** As many publishes unacknowledged as we hold (before MQTT 5). */
  window: 2,
  rate: 4,
  /** The client leaves our answers unread. */
  drain: 8,
  /** The store is behind. */
  hold: 16,
} as const;
