import { useSyncExternalStore } from 'react';
import { idleMs } from './bounds.ts';

/** Whether somebody is at the page: it was touched within {@link idleMs}. */
let watched = true;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function set(value: boolean): void {
  if (watched === value) return;
  watched = value;
  for (const listener of listeners) listener();
}

function touch(): void {
  clearTimeout(timer);
  timer = setTimeout(() => set(false), idleMs);
  set(true);
}

/** Starts to notice pointer and keys. Once, at start. */
export function startWatching(): void {
  for (const type of ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const)
    addEventListener(type, touch, { passive: true, capture: true });
  touch();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** True while somebody is there; pages stop asking when it turns false. */
export const useWatched = (): boolean => useSyncExternalStore(subscribe, () => watched);
