export { type ActivationFault, type ActivationLimits, type ModelFacts, mayActivate } from './activate.ts';
export { duty } from './duty.ts';
export {
  checkModelFile,
  type FileCheck,
  type FileContext,
  type FileFault,
  missingParts,
  supportEndOf,
} from './model-file.ts';
export { maxSbomBytes, parseSbom, readSbom, type SbomReading, sbomRecord } from './sbom.ts';
