import type { StageDevice } from '../stage/device.ts';
import type { Stage } from '../stage/stage.ts';
import { type Verb, verb } from './verb.ts';

async function activeModel(stage: Stage, model: string): Promise<void> {
  await stage.submit(model, ['file', 'manifest', 'sbom']);
  await stage.activate(model);
}

export async function enrolled(stage: Stage, id: string, model: string): Promise<StageDevice> {
  const device = await stage.register(id, model);
  const identity = await device.open();
  await identity.enrol(stage.codes.get(id) ?? '');
  return device;
}

/** What every good device says when it connects. */
export async function introduce(stage: Stage, device: StageDevice, model: string): Promise<void> {
  const { firmware, ports, detectors, channel } = stage.modelOf(model);
  const said: readonly (readonly [string, unknown])[] = [
    ['up/version', { v: 1, firmware }],
    ['up/evidence/ports', { ports }],
    ['up/evidence/selftest', { detectors, passed: true }],
    [`up/telemetry/${channel}`, stage.modelOf(model).readings(device.id, Math.random)()],
  ];
  for (const [topic, message] of said) {
    const { accepted, words } = await device.publish(topic, JSON.stringify(message));
    if (!accepted) throw new Error(`${device.id} ${topic}: ${words}`);
  }
}

/** Where a script begins. */
export const givens: readonly Verb[] = [
  verb('given a party that has joined', async (stage) => void (await stage.join())),
  verb('given an agreement in force', (stage) => stage.enforce()),
  verb('given the agreement comes into force', async (stage) => {
    const digest = await stage.party.signAgreement();
    const params = { agreement: stage.party.agreement };
    await stage.theatre.operator.call('countersignAgreement', { params, body: { digest } });
  }),
  verb('given an active model <model>', (stage, word) => activeModel(stage, word('model'))),
  verb('given a registered device <device> of <model>', async (stage, word) => {
    const device = await stage.register(word('device'), word('model'));
    await device.open();
  }),
  verb('given an enrolled device <device> of <model>', async (stage, word) => {
    await enrolled(stage, word('device'), word('model'));
  }),
  verb('given a working device <device> of <model>', async (stage, word) => {
    const device = await enrolled(stage, word('device'), word('model'));
    const { accepted, words } = await device.connect();
    if (!accepted) throw new Error(`${device.id} was not let in: ${words}`);
    await introduce(stage, device, word('model'));
  }),
];
