/** Topic names carry no wildcard [MQTT-3.3.2-2]; emptiness is judged by the packet (alias). */
export const isTopicName = (topic: string): boolean => !topic.includes('+') && !topic.includes('#');

const sharedPrefix = '$share/';
export const isShared = (filter: string): boolean => filter.startsWith(sharedPrefix);

/** `#` only last and alone in its level [MQTT-4.7.1-1], `+` only as a whole level [MQTT-4.7.1-2], not empty. */
function isPlainFilter(filter: string): boolean {
  if (filter === '') return false;
  const levels = filter.split('/');
  return levels.every((level, i) => {
    if (level === '#') return i === levels.length - 1;
    return level === '+' || isTopicName(level);
  });
}

/**
 * Whether a topic filter is well-formed. With `shared` (MQTT 5) a leading `$share/` must be followed by a share name
 * of at least one character without wildcards and a non-empty filter [MQTT-4.8.2-1] [MQTT-4.8.2-2]; before MQTT 5 it
 * is an ordinary level.
 */
export function isTopicFilter(filter: string, shared: boolean): boolean {
  if (!shared || !isShared(filter)) return isPlainFilter(filter);
  const slash = filter.indexOf('/', sharedPrefix.length);
  if (slash <= sharedPrefix.length) return false;
  return isTopicName(filter.slice(sharedPrefix.length, slash)) && isPlainFilter(filter.slice(slash + 1));
}

/**
 * Whether a filter matches a topic name (section 4.7). `#` also matches the parent level; a wildcard in the first
 * level does not match a topic that begins with `$` [MQTT-4.7.2-1].
 */
export function matches(filter: string, topic: string): boolean {
  if (filter === topic) return true;
  if (topic.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#'))) return false;
  const want = filter.split('/');
  const have = topic.split('/');
  for (let i = 0; i < want.length; i++) {
    if (want[i] === '#') return true;
    if (i >= have.length || (want[i] !== '+' && want[i] !== have[i])) return false;
  }
  return want.length === have.length;
}
