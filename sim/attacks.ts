import type { ProblemCode, RecordKind } from '@pactgate/protocol';
import type { Place } from './fleet.ts';
import {
  beInTwoPlaces,
  comeAsImpostor,
  comeRevoked,
  flood,
  type Rogues,
  reachOver,
  type Sighting,
  sayTooMuch,
  speakPlainly,
  talkNonsense,
} from './moves.ts';

/** A record that the platform must have made of an attack; the reader matches it, the attacker never sees it. */
export interface Expectation {
  readonly log: 'agreement' | 'platform';
  readonly kind: RecordKind;
  /** One of these stands in the record as `code`; empty: its kind says it all. */
  readonly codes: readonly ProblemCode[];
  /** Device named in the record; absent: none can be known. */
  readonly device?: string;
  /** Members that the body must have with these values. */
  readonly body?: Readonly<Record<string, string | boolean>>;
  /** Counts that must be at least so great. */
  readonly least?: Readonly<Record<string, number>>;
}

export interface Attack {
  readonly name: string;
  readonly expected: string;
  readonly records: readonly Expectation[];
  run(): Promise<Sighting>;
}

/** Attacks by those whom the platform does not know, or no longer. */
const atTheDoor = (place: Place, rogues: Rogues): readonly Attack[] => [
  {
    name: 'plaintext attempt',
    expected: 'no answer, closed, recorded under the device whose address it is',
    records: [
      { log: 'platform', kind: 'session.reject', codes: ['channel/plaintext'] },
      { log: 'agreement', kind: 'probe.plaintext.hit', codes: [], device: rogues.plaintext.device },
    ],
    run: () => speakPlainly(place, rogues.plaintext),
  },
  {
    name: 'unknown certificate',
    expected: 'closed before CONNACK',
    records: [{ log: 'platform', kind: 'session.reject', codes: ['channel/certificate-unknown'] }],
    run: () => comeAsImpostor(place, rogues),
  },
  {
    name: 'revoked certificate',
    expected: 'live session cut, no new one',
    records: [
      {
        log: 'agreement',
        kind: 'session.reject',
        codes: ['channel/certificate-revoked', 'device/isolated'],
        device: rogues.revoked.device,
      },
    ],
    run: () => comeRevoked(place, rogues),
  },
];

/** Attacks by devices that were let in. */
const inside = (place: Place, rogues: Rogues): readonly Attack[] => [
  {
    name: 'topic of another device',
    expected: 'publish and subscribe refused',
    records: [
      {
        log: 'agreement',
        kind: 'authz.decide',
        codes: ['access/topic-foreign', 'access/topic-unknown', 'access/denied'],
        device: rogues.foreign.device,
      },
    ],
    run: () => reachOver(place, rogues),
  },
  {
    name: 'undeclared field',
    expected: 'message accepted, field dropped and counted',
    records: [{ log: 'agreement', kind: 'msg.validate', codes: [], least: { withUndeclared: 1 } }],
    run: () => sayTooMuch(place, rogues),
  },
  {
    name: 'malformed packets',
    expected: 'disconnected with 0x81 or 0x82',
    records: [{ log: 'agreement', kind: 'msg.refuse', codes: ['mqtt/malformed'], device: rogues.malformed.device }],
    run: () => talkNonsense(place, rogues),
  },
  {
    name: 'one identity in two places',
    expected: 'clone confirmed, all sessions cut, identity held',
    records: [
      { log: 'agreement', kind: 'session.reject', codes: ['device/isolated'], device: rogues.clone.device },
      {
        log: 'agreement',
        kind: 'device.id.conflict',
        codes: [],
        device: rogues.clone.device,
        body: { verdict: 'confirmed' },
      },
    ],
    run: () => beInTwoPlaces(place, rogues),
  },
  {
    name: 'flood',
    expected: 'refused above the rate limit, the rest of the fleet unharmed',
    records: [
      { log: 'agreement', kind: 'gate.limit', codes: ['gate/rate'], device: rogues.flood.device },
      { log: 'agreement', kind: 'msg.refuse', codes: ['data/rate'], device: rogues.flood.device },
    ],
    run: () => flood(place, rogues),
  },
];

/** The attacks of the story, each with what should come of it. They run one after another. */
export const attacks = (place: Place, rogues: Rogues): readonly Attack[] => [
  ...atTheDoor(place, rogues),
  ...inside(place, rogues),
];
