/** Kinds of signed documents: the `typ` of their JWS. A signature for one kind is none for another. */
export const documentTypes = {
  agreement: 'pactgate-agreement+json',
  modelFile: 'pactgate-model-file+json',
  manifest: 'pactgate-data-manifest+json',
} as const;
