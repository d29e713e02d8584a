import { simModels } from '@pactgate/sim';
import type { PartyPlan } from './world.ts';

/** Two device parties, three models. The codes are made up; their check digits are right. */
export const parties: readonly PartyPlan[] = [
  {
    id: 'acme',
    name: 'Acme Pumps and Meters Ltd',
    representative: 'Zhang Wei',
    address: '2 Harbour Road, Xiamen',
    register: { uscc: '91350200M000100023' },
    network: 1,
    models: [
      { model: simModels.pump, devices: 26, prefix: 'pump' },
      { model: simModels.meter, devices: 18, prefix: 'meter' },
    ],
  },
  {
    id: 'borui',
    name: 'Borui Access GmbH',
    representative: 'Li Na',
    address: 'Hafenstraße 10, 80331 München',
    register: { register: 'Handelsregister B, Amtsgericht München', number: 'HRB 123456' },
    network: 2,
    models: [{ model: simModels.door, devices: 18, prefix: 'door' }],
  },
];

/** Devices of the first party that somebody hostile will hold: they enrol, and the fleet leaves them alone. */
export const rogueIds = ['plain', 'revoked', 'foreign', 'chatty', 'broken', 'cloned', 'flood'] as const;

/** Party A. */
export const platformParty = {
  name: '示例物联网平台有限公司',
  representative: '王芳',
  address: '上海市浦东新区世纪大道 1 号',
  uscc: '91310000M00010003B',
};

/**
 * Numbers of the demo's agreements that differ from the standard edition: windows of a minute and judgements every few
 * seconds, so that a newcomer sees evidence come, age and decide. They stand in the signed document like any other.
 */
export const shortened: Readonly<Record<string, Readonly<Record<string, number | string>>>> = {
  'B2.1.1': { evaluateEvery: 5 },
  'B2.2.1': { evaluateEvery: 3 },
  'B2.2.3': { evaluateEvery: 3 },
  'B2.2.4': { window: 1, evaluateEvery: 3 },
  'B2.2.5': { evaluateEvery: 5 },
  'B2.2.6': { evaluateEvery: 3 },
  'B2.3.1': { evaluateEvery: 3 },
  'B2.3.2': { evaluateEvery: 2 },
  'B2.4.1': { evaluateEvery: 3 },
  'B2.4.2': { evaluateEvery: 5 },
  'B2.5.3': { evaluateEvery: 3 },
  'B2.6.2': { evaluateEvery: 3 },
  'A3.1.1': { evaluateEvery: 3 },
  'A3.1.3': { window: 1, evaluateEvery: 3 },
  'A3.2.1': { evaluateEvery: 3 },
  'A3.3.5': { evaluateEvery: 3 },
  'A3.4.1': { window: 1, evaluateEvery: 3 },
  'A3.4.6': { evaluateEvery: 3 },
  'A3.6.2': { evaluateEvery: 3 },
};
