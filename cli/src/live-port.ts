import { encodeJws, isJsonObject, type JsonValue, type LivePort, parseJws, type SignedDocument } from '@pactgate/proof';
import { logIdOf } from './commands/ledger.ts';
import { ifThere, readLogFile } from './live-log.ts';
import type { Session } from './session.ts';

/** A running platform as the verifier of `proof` reads it. */
export function livePort(session: Session, agreement: string): LivePort {
  const { client } = session;
  return {
    readCheckpoint: (origin) => ifThere(client.call('checkpoint', { params: { log: logIdOf(origin) } })),
    // A log grows every second: the newest checkpoint that witnesses have signed is one of the last few.
    readWitnessed: (origin) => readLogFile(session, origin, 'witnessed'),
    readFile: (origin, path) => readLogFile(session, origin, path),
    readRecord: async (origin, index) => {
      const record = await ifThere(client.call('record', { params: { log: logIdOf(origin), index: String(index) } }));
      if (record?.body === undefined || record.salt === undefined) return undefined;
      const { body, salt, disclosures = [] } = record;
      // What came as JSON is JSON; the verifier reads it as a stranger's anyway.
      return { body: body as JsonValue, disclosures, index: record.index, salt };
    },
    readAgreement: () => readAgreement(session, agreement),
  };
}

async function readAgreement({ client }: Session, agreement: string): Promise<SignedDocument | undefined> {
  const document = await ifThere(client.call('agreementDocument', { params: { agreement } }));
  const answer = await ifThere(client.call('agreementSignatures', { params: { agreement } }));
  const jws = answer?.jws;
  if (document === undefined || jws === undefined || !isJsonObject(jws)) return undefined;
  return { document, signatures: encodeJws(parseJws(jws)) };
}
