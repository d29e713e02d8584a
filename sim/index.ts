export { type Attack, attacks, type Expectation } from './attacks.ts';
export { type Fleet, type FleetCounts, type FleetDevice, type FleetOptions, openFleet, type Place } from './fleet.ts';
export { type Impostor, makeImpostor } from './foreign.ts';
export { type ModelDocuments, modelDocuments, type Reading, type SimModel, simModels } from './models.ts';
export type { Rogue, Rogues, Sighting } from './moves.ts';
export {
  connectPacket,
  openWire,
  packetTypes,
  publishPacket,
  subscribePacket,
  type Wire,
  type WireEvent,
  type WireOptions,
  wordsOf,
} from './wire.ts';
