import { fetchTrustless } from '../stage/strangers.ts';
import { type Verb, verb } from './verb.ts';

const isolation = (level: number) =>
  verb(level === 0 ? 'operator releases <device>' : `operator isolates <device> at level ${level}`, (stage, word) =>
    stage.ask(() =>
      stage.theatre.operator.call('isolate', {
        params: { agreement: stage.party.agreement, device: word('device') },
        body: { level, reason: 'acceptance script' },
      }),
    ),
  );

/** What devices, the device party and the operator do. */
export const acts: readonly Verb[] = [
  verb('device <device> enrols', (stage, word) =>
    stage.ask(async () => {
      const identity = await stage.device(word('device')).open();
      await identity.enrol(stage.codes.get(word('device')) ?? '');
    }),
  ),
  verb('device <device> enrols with code <code>', (stage, word) =>
    stage.ask(async () => (await stage.device(word('device')).open()).enrol(word('code'))),
  ),
  verb('device <device> connects', async (stage, word) => void (await stage.device(word('device')).connect())),
  verb('device <device> connects from elsewhere', async (stage, word) => {
    await stage.device(word('device')).connect({ from: stage.elsewhere });
  }),
  verb('device <device> connects with TLS 1.1', async (stage, word) => {
    await stage.device(word('device')).connect({ maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
  }),
  verb('device <device> connects with suite <suite>', async (stage, word) => {
    const ciphers = `${word('suite')}@SECLEVEL=0`;
    await stage.device(word('device')).connect({ maxVersion: 'TLSv1.2', ciphers });
  }),
  verb('device <device> connects with a certificate of a foreign CA', async (stage, word) => {
    const device = stage.device(word('device'));
    await device.connect({ from: stage.elsewhere, credentials: fetchTrustless(stage.party.id, device.id) });
  }),
  verb('device <device> publishes <topic> <payload...>', async (stage, word) => {
    await stage.device(word('device')).publish(word('topic'), word('payload'));
  }),
  verb('device <device> subscribes to <filter>', async (stage, word) => {
    await stage.device(word('device')).subscribe(word('filter'));
  }),
  verb('device <device> reports <type> <severity>', async (stage, word) => {
    await stage.device(word('device')).report(word('type'), word('severity'));
  }),
  verb('device <device> speaks plaintext', async (stage, word) => {
    await stage.device(word('device')).speakPlainly();
  }),
  verb('device <device> renews its certificate', (stage, word) =>
    stage.ask(async () => (await stage.device(word('device')).open()).renew()),
  ),
  verb('device <device> waits', async (stage, word) => void (await stage.device(word('device')).wait())),
  verb('device <device> leaves', async (stage, word) => stage.device(word('device')).leave()),
  verb('party registers <device> of <model>', (stage, word) =>
    stage.ask(() => stage.register(word('device'), word('model'))),
  ),
  verb('party submits the file of <model>', (stage, word) => stage.ask(() => stage.submit(word('model'), ['file']))),
  verb('party submits the manifest of <model>', (stage, word) =>
    stage.ask(() => stage.submit(word('model'), ['manifest'])),
  ),
  verb('party submits the SBOM of <model>', (stage, word) => stage.ask(() => stage.submit(word('model'), ['sbom']))),
  verb('party submits the manifest of <model> without retention', (stage, word) => {
    const fields = stage
      .modelOf(word('model'))
      .fields.map(({ retention, ...field }) => (retention === '' ? {} : field));
    return stage.ask(() => stage.submit(word('model'), ['manifest'], { manifest: { fields } }));
  }),
  verb('party revokes <device>', (stage, word) =>
    stage.ask(() =>
      stage.party.client.call('revoke', {
        params: { agreement: stage.party.agreement, device: word('device') },
        body: { reason: 'acceptance script' },
      }),
    ),
  ),
  verb('party witnesses the ledgers', async (stage) => {
    if ((await stage.party.witness()) < 2) throw new Error('fewer than two logs could be cosigned');
  }),
  verb('party exports its evidence', async (stage) => {
    stage.bundle = await stage.party.client.call('evidence', { params: { agreement: stage.party.agreement } });
  }),
  verb('operator activates <model>', (stage, word) => stage.ask(() => stage.activate(word('model')))),
  isolation(4),
  isolation(3),
  isolation(0),
];
