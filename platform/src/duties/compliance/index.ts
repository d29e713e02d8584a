export { type Assessment, assess, isNews } from './assess.ts';
export { type Board, type BoardClause, type BoardInput, type BoardRow, toBoard } from './board.ts';
export { implemented, notImplemented } from './claims.ts';
export { duty } from './duty.ts';
export {
  dueRows,
  judged,
  openSchedule,
  rhythmOf,
  type Schedule,
  type ScheduleOptions,
  wake,
} from './schedule.ts';
