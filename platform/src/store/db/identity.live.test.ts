import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Certificate, Device, EnrolmentCode, IdentityStore } from '../../duties/identity/index.ts';
import type { DeviceId, PartyId } from '../../kernel/ids.ts';
import { type Instant, instant } from '../../kernel/time.ts';
import type { Store } from '../open.ts';
import { eachDatabase } from '../testing.ts';
import { identityStore } from './identity.ts';
import type { Tx } from './schema.ts';

const at = instant('2026-03-02T07:00Z');
const later = (ms: number): Instant => instant(at + ms);
const hex = (n: number, length = 64): string => n.toString(16).padStart(length, '0');
let count = 0;
const device = (id: string, change: Partial<Device> = {}): Device => ({
  agreement: 'ag-1',
  party: 'acme' as PartyId,
  id: id as DeviceId,
  pseudonym: `d_${String(++count).padStart(16, '0')}`,
  model: 'pump',
  state: 'registered',
  level: 0,
  created: at,
  clone: 'none',
  ...change,
});
const code = (hash: string, id = 'dev-1'): EnrolmentCode => ({
  hash,
  agreement: 'ag-1',
  party: 'acme' as PartyId,
  device: id as DeviceId,
  created: at,
  expires: later(1_000),
});
const certificate = (n: number, change: Partial<Certificate> = {}): Certificate => ({
  serial: hex(n, 32),
  spki: hex(n),
  agreement: 'ag-1',
  party: 'acme' as PartyId,
  device: 'dev-1' as DeviceId,
  issuer: 'ca-1',
  state: 'issuing',
  notBefore: at,
  notAfter: later(10_000),
  created: later(n),
  ...change,
});
const der = Uint8Array.of(0x30, 0);

async function opened(open: () => Promise<Store>): Promise<{ store: Store; ids: IdentityStore<Tx> }> {
  const store = await open();
  const ids = identityStore(store.db);
  await store.transaction(async (tx) => {
    await ids.addDevices(tx, [device('dev-1'), device('dev-2')]);
  });
  return { store, ids };
}
/** A certificate brought to `live` or `candidate`. */
async function signed(
  store: Store,
  ids: IdentityStore<Tx>,
  one: Certificate,
  state: 'live' | 'candidate',
): Promise<void> {
  await store.transaction(async (tx) => {
    await ids.addCertificate(tx, one);
    const fingerprint = hex(Number.parseInt(one.serial, 16) + 1_000);
    assert.equal(await ids.completeCertificate(tx, one.serial, state, { der, fingerprint }), true);
  });
}

eachDatabase('B2.2.1 identity store', ({ open }) => {
  test('devices: what was written is read; those that exist are named and stay', async () => {
    const { store, ids } = await opened(open);
    const full = device('dev-3', { lastSeen: at, lastAddress: '192.0.2.1', cloneUntil: later(5), clone: 'suspected' });
    assert.deepEqual(await store.transaction((tx) => ids.addDevices(tx, [full])), []);
    assert.deepEqual(await ids.device('ag-1', 'dev-3'), full);
    assert.equal(await ids.device('ag-2', 'dev-3'), undefined);
    const again = [device('dev-2', { model: 'other' }), device('dev-4'), device('dev-1')];
    assert.deepEqual(await store.transaction((tx) => ids.addDevices(tx, again)), ['dev-2', 'dev-1']);
    assert.equal((await ids.device('ag-1', 'dev-2'))?.model, 'pump');
    assert.deepEqual(await store.transaction((tx) => ids.addDevices(tx, [device('dev-1', { agreement: 'ag-2' })])), []);
    assert.equal(await ids.countDevices('ag-1'), 4);
  });
  test('devices: pages, filters, search without wildcards', async () => {
    const { store, ids } = await opened(open);
    const more = [device('Pump_7'), device('pumpx7', { model: 'valve' }), device('zz', { state: 'active' })];
    await store.transaction((tx) => ids.addDevices(tx, more));
    const names = async (query: Parameters<typeof ids.devices>[1]): Promise<string[]> =>
      (await ids.devices('ag-1', query)).map(({ id }) => id);
    assert.deepEqual(await names({ limit: 2 }), ['Pump_7', 'dev-1']);
    assert.deepEqual(await names({ limit: 2, after: 'dev-1' }), ['dev-2', 'pumpx7']);
    assert.deepEqual(await names({ limit: 9, model: 'valve' }), ['pumpx7']);
    assert.deepEqual(await names({ limit: 9, state: 'active' }), ['zz']);
    assert.deepEqual(await names({ limit: 9, search: 'PUMP_' }), ['Pump_7']);
    assert.deepEqual(await names({ limit: 9, search: '%' }), []);
    await store.transaction((tx) =>
      ids.addDevices(tx, [device('a', { agreement: 'ag-0' }), device('b', { agreement: 'ag-2' })]),
    );
    const all: string[] = [];
    for (let page = await ids.loadDevices(undefined, 2); page.length > 0; page = await ids.loadDevices(page.at(-1), 2))
      all.push(...page.map(({ agreement, id }) => `${agreement}/${id}`));
    assert.deepEqual(all, ['ag-0/a', 'ag-1/Pump_7', 'ag-1/dev-1', 'ag-1/dev-2', 'ag-1/pumpx7', 'ag-1/zz', 'ag-2/b']);
  });
  test('devices: changes are compare-and-swap; level and last sight are not', async () => {
    const { store, ids } = await opened(open);
    const first = await ids.device('ag-1', 'dev-1');
    assert.ok(first);
    const change = { state: 'active', clone: 'suspected', cloneUntil: later(9) } as const;
    assert.equal(await store.transaction((tx) => ids.changeDevice(tx, first, change)), true);
    assert.equal(await store.transaction((tx) => ids.changeDevice(tx, first, { state: 'retired' })), false);
    const second = { ...first, ...change };
    assert.equal(
      await store.transaction((tx) => ids.changeDevice(tx, second, { clone: 'none', cloneUntil: undefined })),
      true,
    );
    await store.transaction(async (tx) => {
      await ids.setLevel(tx, { agreement: 'ag-1', id: 'dev-1' }, 4);
      await ids.touch(tx, [{ agreement: 'ag-1', id: 'dev-1', at, address: '2001:db8::1' }]);
    });
    const seen = { lastSeen: at, lastAddress: '2001:db8::1' };
    assert.deepEqual(await ids.device('ag-1', 'dev-1'), { ...first, state: 'active', level: 4, ...seen });
  });
  test('B2.2.3 codes: one use, a newer one ends the older, used ones are kept', async () => {
    const { store, ids } = await opened(open);
    await store.transaction((tx) => ids.putCodes(tx, [code('h1'), code('h9', 'dev-2')]));
    assert.deepEqual(await ids.code('h1'), code('h1'));
    await store.transaction((tx) => ids.putCodes(tx, [code('h2')]));
    assert.equal(await ids.code('h1'), undefined);
    assert.ok(await ids.code('h9'));
    const use = (change: object = {}): Promise<boolean> =>
      store.transaction((tx) => ids.useCode(tx, { hash: 'h2', at, serial: 's1', ...change }));
    assert.deepEqual((await Promise.all([use(), use(), use()])).filter(Boolean), [true]);
    assert.equal(await use({ serial: 's2', retry: 's0' }), false);
    assert.equal(await use({ serial: 's2', retry: 's1' }), true);
    await store.transaction((tx) => ids.putCodes(tx, [code('h3')]));
    assert.deepEqual(await ids.code('h2'), { ...code('h2'), usedAt: at, usedFor: 's2' });
  });
  test('B2.2.1 keys: one device for ever; blocked for good', async () => {
    const { store, ids } = await opened(open);
    const bind = (id: string): Promise<boolean> =>
      store.transaction((tx) =>
        ids.bindKey(tx, { spki: hex(1), agreement: 'ag-1', device: id as DeviceId, boundAt: at }),
      );
    assert.deepEqual((await Promise.all([bind('dev-1'), bind('dev-2')])).filter(Boolean), [true]);
    const owner = (await ids.keyBinding(hex(1)))?.device ?? '';
    const other = owner === 'dev-1' ? 'dev-2' : 'dev-1';
    await store.transaction((tx) => ids.retireKey(tx, hex(1), later(1), false));
    assert.equal((await ids.keyBinding(hex(1)))?.retiredAt, later(1));
    assert.equal(await bind(other), false);
    assert.equal(await bind(owner), true);
    assert.deepEqual(await ids.keyBinding(hex(1)), {
      spki: hex(1),
      agreement: 'ag-1',
      device: owner,
      boundAt: at,
      blocked: false,
    });
    await store.transaction((tx) => ids.retireKey(tx, hex(1), later(2), true));
    assert.equal(await bind(owner), false);
    assert.equal((await ids.keyBinding(hex(1)))?.blocked, true);
  });
  test('B2.2.5 certificates: states move by compare-and-swap; never two live or two candidates of a device', async () => {
    const { store, ids } = await opened(open);
    await signed(store, ids, certificate(1), 'live');
    await signed(store, ids, certificate(2, { previous: hex(1, 32), overlapUntil: later(5) }), 'candidate');
    await assert.rejects(signed(store, ids, certificate(3), 'live'), { name: 'StoreError', kind: 'duplicate-key' });
    await assert.rejects(signed(store, ids, certificate(4), 'candidate'), { kind: 'duplicate-key' });
    await signed(store, ids, certificate(5, { device: 'dev-2' as DeviceId }), 'live');
    assert.deepEqual(Uint8Array.from((await ids.certificateDer(hex(1, 32))) ?? []), der);
    const open1 = await ids.openCertificates('ag-1', 'dev-1');
    assert.deepEqual(open1.map(({ state }) => state).toSorted(), ['candidate', 'live']);
    const live = new Map((await ids.liveKeys('ag-1')).map(({ spki, overlapUntil }) => [spki, overlapUntil]));
    assert.deepEqual([live.size, live.get(hex(1)), live.get(hex(2)), live.has(hex(5))], [3, undefined, later(5), true]);
    assert.deepEqual(await ids.unproven(later(4), 9), []);
    assert.deepEqual(
      (await ids.unproven(later(5), 9)).map(({ serial }) => serial),
      [hex(2, 32)],
    );
    const move = (n: number, from: 'live' | 'candidate', to: 'superseded' | 'live' | 'revoked'): Promise<boolean> =>
      store.transaction((tx) => ids.moveCertificate(tx, hex(n, 32), { from, to, at: later(7) }));
    assert.equal(await move(2, 'live', 'revoked'), false);
    assert.equal(await move(1, 'live', 'superseded'), true);
    assert.equal(await move(2, 'candidate', 'live'), true);
    assert.equal(await move(2, 'live', 'revoked'), true);
    const found = await ids.certificate(hex(2, 32));
    assert.equal(found?.revokedAt, later(7));
    assert.equal(found?.previous, hex(1, 32));
    assert.deepEqual(await ids.revokedOf('ca-1', at), [{ serial: hex(2, 32), revokedAt: later(7) }]);
    assert.deepEqual(await ids.revokedOf('ca-1', later(10_000)), []);
    assert.deepEqual(
      (await ids.certificatesOf('ag-1', 'dev-1')).map(({ serial }) => serial),
      [hex(2, 32), hex(1, 32)],
    );
  });
  test('certificates: the registry loads what was signed and has not ended long ago, in pages', async () => {
    const { store, ids } = await opened(open);
    for (const n of [1, 2, 3]) await store.transaction((tx) => ids.addDevices(tx, [device(`load-${n}`)]));
    for (const n of [1, 2, 3])
      await signed(store, ids, certificate(n, { device: `load-${n}` as DeviceId, notAfter: later(n) }), 'live');
    await store.transaction((tx) => ids.addCertificate(tx, certificate(9)));
    const serials = async (since: Instant, after: string, limit: number): Promise<number[]> =>
      (await ids.loadCertificates({ since, now: later(2) }, after, limit)).map(({ serial }) =>
        Number.parseInt(serial, 16),
      );
    assert.deepEqual(await serials(at, '', 9), [1, 2, 3]);
    assert.deepEqual(await serials(later(1), '', 9), [2, 3]);
    assert.deepEqual(await serials(at, hex(1, 32), 1), [2]);
    // superseded ones count until their end only
    for (const n of [2, 3]) {
      const move = { from: 'live', to: 'superseded', at } as const;
      await store.transaction((tx) => ids.moveCertificate(tx, hex(n, 32), move));
    }
    assert.deepEqual(await serials(at, '', 9), [1, 3]);
  });
  test('CAs are added once; a list replaces only an older one', async () => {
    const { store, ids } = await opened(open);
    const ca = {
      id: 'device-acme',
      kind: 'device',
      party: 'acme' as PartyId,
      keyId: 'k',
      keyName: 'n',
      der,
      notAfter: at,
      created: at,
    } as const;
    await ids.addCa(ca);
    await assert.rejects(ids.addCa(ca));
    const [read] = await ids.cas();
    assert.deepEqual({ ...read, der: Uint8Array.from(read?.der ?? []) }, ca);
    const list = { ca: ca.id, number: 2, der, entries: 1, thisUpdate: at, nextUpdate: later(9) };
    const save = (number: number): Promise<boolean> => store.transaction((tx) => ids.saveCrl(tx, { ...list, number }));
    assert.deepEqual([await save(2), await save(2), await save(1), await save(3)], [true, false, false, true]);
    assert.equal((await ids.crl(ca.id))?.number, 3);
    assert.equal(await ids.crl('device-beta'), undefined);
  });
  test('a thousand devices with codes go in at once, and roll back together', async () => {
    const { store, ids } = await opened(open);
    const many = Array.from({ length: 1_000 }, (_, n) => device(`bulk-${n}`));
    await assert.rejects(
      store.transaction(async (tx) => {
        assert.deepEqual(await ids.addDevices(tx, many), []);
        await ids.putCodes(
          tx,
          many.map(({ id }, n) => code(`c${n}`, id)),
        );
        throw new RangeError('no');
      }),
      RangeError,
    );
    assert.equal(await ids.countDevices('ag-1'), 2);
    assert.equal(await ids.code('c0'), undefined);
  });
});
