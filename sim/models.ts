import type { DataManifest, ManifestField, ModelFile } from '@pactgate/protocol';
import { type Random, rounded, wander } from './random.ts';

export type Reading = Readonly<Record<string, number | string | boolean>>;

/** A device model of the simulated world: what it declares, and how its devices behave. */
export interface SimModel {
  readonly id: string;
  readonly what: { readonly zh: string; readonly en: string };
  readonly channel: string;
  readonly firmware: string;
  readonly tamperClass: ModelFile['tamperClass'];
  readonly contact: string;
  readonly interfaces: ModelFile['interfaces'];
  readonly threats: ModelFile['threats'];
  readonly components: readonly { readonly name: string; readonly version: string; readonly purl: string }[];
  readonly fields: readonly ManifestField[];
  /** Local ports such a device listens on. */
  readonly ports: readonly number[];
  readonly detectors: readonly string[];
  /** Makes the readings of one device, one after another. */
  readings(device: string, random: Random): () => Reading;
}

const field = (
  channel: string,
  path: string,
  type: ManifestField['type'],
  more: Partial<ManifestField>,
): ManifestField => ({
  channel,
  path,
  type,
  class: 'internal',
  personal: false,
  purpose: ['operate'],
  retention: 'P90D',
  ...more,
});

const network = (name: string): ModelFile['interfaces'][number] => ({
  kind: 'network',
  name,
  note: 'MQTT over TLS 1.3 to the platform, nothing else',
  enabled: true,
});
const debugPort: ModelFile['interfaces'][number] = {
  kind: 'debug',
  name: 'SWD',
  note: 'closed by fuse after production',
  enabled: false,
};
const purl = (name: string, version: string) => ({ name, version, purl: `pkg:generic/${name}@${version}` });

const pump: SimModel = {
  id: 'pump-2',
  what: { zh: '水泵温度与压力传感器', en: 'temperature and pressure sensor of pumps' },
  channel: 'status',
  firmware: '2.1.3',
  tamperClass: 'evident',
  contact: 'product security',
  interfaces: [network('Ethernet'), debugPort],
  threats: [
    { threat: 'forged readings hide an overheated pump', control: 'mutual TLS, one key per device' },
    { threat: 'firmware replaced on site', control: 'signed images, secure boot' },
  ],
  components: [purl('zephyr', '4.1.0'), purl('mbedtls', '3.6.4'), purl('coremqtt', '2.3.1')],
  fields: [
    field('status', '/temperature', 'number', { required: true, unit: 'Cel', range: { min: -40, max: 150 } }),
    field('status', '/pressure', 'number', { required: true, unit: 'kPa', range: { min: 0, max: 2_000 } }),
    field('status', '/vibration', 'number', { unit: 'mm/s', range: { min: 0, max: 100 } }),
    field('status', '/running', 'boolean', {}),
    field('status', '/site', 'string', {
      class: 'sensitive',
      maxLength: 64,
      purpose: ['maintain'],
      retention: 'P30D',
      consumers: { 'b.admin': 'clear', 'b.engineer': 'clear' },
    }),
  ],
  ports: [],
  detectors: ['enclosure', 'boot_integrity', 'login_bruteforce'],
  readings: (device, random) => {
    let [temperature, pressure, vibration] = [58 + random() * 10, 420 + random() * 60, 1.5 + random()];
    const site = `hall ${1 + (device.length % 4)}, bay ${Math.ceil(random() * 30)}`;
    return () => {
      temperature = wander(temperature, { least: 20, most: 95, step: 0.6 }, random);
      pressure = wander(pressure, { least: 250, most: 650, step: 6 }, random);
      vibration = wander(vibration, { least: 0.2, most: 7, step: 0.15 }, random);
      const running = pressure > 260;
      return {
        temperature: rounded(temperature, 1),
        pressure: rounded(pressure, 0),
        vibration: rounded(vibration, 2),
        running,
        site,
      };
    };
  },
};

const meter: SimModel = {
  id: 'meter-1',
  what: { zh: '电能表', en: 'energy meter' },
  channel: 'energy',
  firmware: '1.8.0',
  tamperClass: 'resistant',
  contact: 'metering security office',
  interfaces: [network('cellular'), { kind: 'radio', name: 'local display link', note: 'read only', enabled: true }],
  threats: [
    { threat: 'consumption tells when nobody is home', control: 'the reference of the customer is sealed and masked' },
    { threat: 'readings replayed', control: 'counter only grows; the platform stores the time of receipt' },
  ],
  components: [purl('freertos', '11.2.0'), purl('wolfssl', '5.8.2'), purl('dlms', '3.0.4')],
  fields: [
    field('energy', '/power', 'number', { required: true, unit: 'W', range: { min: 0, max: 50_000 } }),
    field('energy', '/voltage', 'number', { required: true, unit: 'V', range: { min: 0, max: 500 } }),
    field('energy', '/total', 'number', { required: true, unit: 'kWh', range: { min: 0, max: 1e9 } }),
    field('energy', '/customer', 'string', {
      class: 'personal',
      personal: true,
      maxLength: 32,
      purpose: ['bill'],
      retention: 'P1Y',
      consumers: { 'b.admin': 'clear', 'b.engineer': { mask: { keep: [2, 2] } } },
    }),
  ],
  ports: [],
  detectors: ['enclosure', 'magnet', 'boot_integrity'],
  readings: (_device, random) => {
    let [power, voltage, total] = [400 + random() * 900, 229 + random() * 3, 1_000 + random() * 20_000];
    const customer = `C${String(Math.floor(random() * 1e8)).padStart(8, '0')}`;
    return () => {
      power = wander(power, { least: 60, most: 7_500, step: 180 }, random);
      voltage = wander(voltage, { least: 221, most: 239, step: 0.4 }, random);
      total += (power * 3) / 3_600_000;
      return { power: rounded(power, 0), voltage: rounded(voltage, 1), total: rounded(total, 4), customer };
    };
  },
};

const door: SimModel = {
  id: 'door-4',
  what: { zh: '门禁控制器', en: 'door controller' },
  channel: 'access',
  firmware: '4.0.2',
  tamperClass: 'responsive',
  contact: 'access control security team',
  interfaces: [network('Wi-Fi'), { kind: 'user', name: 'badge reader', enabled: true }, debugPort],
  threats: [
    { threat: 'a stolen controller opens doors', control: 'isolation by the platform; keys in a secure element' },
    { threat: 'badge numbers collected', control: 'sealed field, kept for 30 days' },
  ],
  components: [purl('linux', '6.12.40'), purl('openssl', '3.5.2'), purl('busybox', '1.37.0')],
  fields: [
    field('access', '/open', 'boolean', { required: true }),
    field('access', '/opens', 'integer', { required: true, range: { min: 0 } }),
    field('access', '/battery', 'number', { unit: '%', range: { min: 0, max: 100 } }),
    field('access', '/badge', 'string', {
      class: 'personal',
      personal: true,
      maxLength: 16,
      purpose: ['secure'],
      retention: 'P30D',
      consumers: { 'b.admin': 'clear', 'a.security': { mask: { keep: [0, 2] } } },
    }),
  ],
  ports: [443],
  detectors: ['enclosure', 'forced_door', 'login_bruteforce'],
  readings: (_device, random) => {
    let [opens, battery] = [Math.floor(random() * 5_000), 70 + random() * 30];
    return () => {
      const open = random() < 0.2;
      if (open) opens++;
      battery = Math.max(0, battery - random() * 0.002);
      const reading = { open, opens, battery: rounded(battery, 1) };
      return open ? { ...reading, badge: `B${String(Math.floor(random() * 1e6)).padStart(6, '0')}` } : reading;
    };
  },
};

/** Three models: pump sensors, energy meters, door controllers. */
export const simModels = { pump, meter, door } as const;

const yearsFrom = (now: number, years: number): string =>
  new Date(now + years * 365 * 86_400_000).toISOString().slice(0, 10);

/** The documents a device party submits for a model; the party signs file and manifest with its own key. */
export interface ModelDocuments {
  readonly file: ModelFile;
  readonly manifest: DataManifest;
  /** CycloneDX 1.6. */
  readonly sbom: Readonly<Record<string, unknown>>;
}

/**
 * Documents of a model for one party and agreement.
 *
 * @param now epoch milliseconds; `version` grows with every publication
 */
export function modelDocuments(
  model: SimModel,
  of: { readonly party: string; readonly agreement: string; readonly version: number; readonly now: number },
): ModelDocuments {
  const { party, agreement, version, now } = of;
  const start = new Date(now - 60_000).toISOString();
  return {
    file: {
      v: 'pactgate/model-file/1',
      model: model.id,
      party,
      version,
      contact: { name: model.contact, email: `security@${party}.example` },
      supportEnd: yearsFrom(now, 5),
      tamperClass: model.tamperClass,
      interfaces: [...model.interfaces],
      threats: [...model.threats],
      firmware: [{ version: model.firmware }],
    },
    manifest: {
      v: 'pactgate/manifest/1',
      agreement,
      party,
      model: model.id,
      version,
      validFrom: start,
      reviewBy: new Date(now + 300 * 86_400_000).toISOString().slice(0, 10),
      purposes: {
        operate: { zh: '运行监测', en: 'operation', basis: 'agreement' },
        maintain: { zh: '维护', en: 'maintenance', basis: 'agreement' },
        bill: { zh: '计费', en: 'billing', basis: 'agreement' },
        secure: { zh: '安全', en: 'security', basis: 'security' },
      },
      channels: { [model.channel]: { media: 'json', maxBytes: 2_048, maxPerMinute: 120 } },
      fields: [...model.fields],
    },
    sbom: {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: {
        timestamp: start,
        component: { type: 'firmware', name: model.id, version: model.firmware },
      },
      components: model.components.map((component) => ({
        type: 'library',
        'bom-ref': component.purl,
        ...component,
      })),
    },
  };
}
