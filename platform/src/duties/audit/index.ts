export { type ClockSample, checkClock, clockOfSystem, unchecked } from './clock.ts';
export { duty } from './duty.ts';
export { closeLag, closePace, type Lag, openLag, openPace, type Pace, published, sequenced } from './lag.ts';
export {
  cutWindow,
  given,
  logged,
  openReconciler,
  type Pairs,
  paired,
  type Reconciler,
  type Stream,
  settle,
  startSource,
} from './reconcile.ts';
