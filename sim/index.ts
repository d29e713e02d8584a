export { type Attack, attacks, type Expectation, type Rogues, type Sighting } from './attacks.ts';
export { type Fleet, type FleetCounts, type FleetDevice, type FleetOptions, openFleet, type Place } from './fleet.ts';
export { type Impostor, makeImpostor } from './foreign.ts';
export { type ModelDocuments, modelDocuments, type Reading, type SimModel, simModels } from './models.ts';
export { openWire, type Wire, type WireEvent, type WireOptions } from './wire.ts';
