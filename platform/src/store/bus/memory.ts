import type { Bus, BusEvents, BusTopic } from '../../kernel/bus.ts';

type Listener<T extends BusTopic> = (event: BusEvents[T]) => void;
/** Subscriptions a topic may have: one more is a leak. */
const maxListeners = 10_000;

/**
 * The in-process bus: delivers synchronously, in the order of publication. An event published by a listener is
 * delivered after the one being delivered, so every subscriber sees the same order.
 *
 * @param onError a subscriber threw: told here (the others have got the event), never to the publisher
 */
export function memoryBus(onError: (error: unknown, topic: BusTopic) => void): Bus {
  const topics = new Map<BusTopic, Set<(event: never) => void>>();
  const queue: (() => void)[] = [];
  let delivering = false;

  function deliver<T extends BusTopic>(topic: T, event: BusEvents[T]): void {
    for (const listener of Array.from(topics.get(topic) ?? [])) {
      try {
        // Sound: only listeners of this topic are in its set (see `subscribe`).
        (listener as Listener<T>)(event);
      } catch (error) {
        onError(error, topic);
      }
    }
  }

  return {
    publish: (topic, event) => {
      queue.push(() => deliver(topic, event));
      if (delivering) return;
      delivering = true;
      try {
        for (let next = queue.shift(); next; next = queue.shift()) next();
      } finally {
        delivering = false;
      }
    },
    subscribe: (topic, listener) => {
      const listeners = topics.get(topic) ?? new Set();
      if (listeners.size >= maxListeners) throw new RangeError(`${topic} has ${maxListeners} subscribers`);
      // A wrapper, so that one function may be subscribed twice and each subscription ends by itself.
      const entry = (event: never): void => listener(event);
      listeners.add(entry);
      topics.set(topic, listeners);
      return () => {
        listeners.delete(entry);
      };
    },
  };
}
