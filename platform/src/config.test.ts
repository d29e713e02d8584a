import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '@pactgate/protocol';
import { parseConfiguration, settingsOf, variableOf } from './config.ts';

const invalid = (pattern: RegExp) => (e: unknown) =>
  e instanceof Problem && e.code === 'start/config-invalid' && pattern.test(e.detail);

test('an empty configuration is complete', () => {
  const config = parseConfiguration(undefined);
  assert.equal(config.mqtt.port, 8883);
  assert.deepEqual(config.tripwire.ports, []);
});
test('a file overrides a default, the environment overrides the file', () => {
  const config = parseConfiguration({ mqtt: { port: 1 } }, { PACTGATE_MQTT_PORT: '2', PACTGATE_TRIPWIRE_PORTS: '3,4' });
  assert.equal(config.mqtt.port, 2);
  assert.deepEqual(config.tripwire.ports, [3, 4]);
});
test('names of variables follow the keys', () =>
  assert.equal(variableOf(['mqtt', 'keepAliveMaxSeconds']), 'PACTGATE_MQTT_KEEP_ALIVE_MAX_SECONDS'));
for (const [name, value, pattern] of [
  ['unknown key', { mqtt: { prot: 1 } }, /mqtt/],
  ['port past the end', { mqtt: { port: 65_536 } }, /mqtt\.port/],
  ['text for a number', { mqtt: { port: 'x' } }, /mqtt\.port/],
  ['list instead of keys', [1], /no mapping/],
  ['scalar instead of a group', { mqtt: 1 }, /mqtt/],
] as const)
  test(`refused by name: ${name}`, () => assert.throws(() => parseConfiguration(value), invalid(pattern)));
test('a number in the environment must be one', () =>
  assert.throws(() => parseConfiguration({}, { PACTGATE_MQTT_PORT: '12x' }), invalid(/mqtt\.port/)));

test('every key is listed with its variable, its value and words in both languages', () => {
  const settings = settingsOf(parseConfiguration({ mqtt: { port: 1 } }));
  const port = settings.find(({ key }) => key === 'mqtt.port');
  assert.deepEqual([port?.variable, port?.value], ['PACTGATE_MQTT_PORT', 1]);
  assert.match(port?.description.en ?? '', /^MQTT over mutual TLS; 0: any free port$/);
  for (const { key, value, description } of settings) {
    assert.notEqual(value, undefined, key);
    assert.ok(description.en !== '' && /\p{Script=Han}/u.test(description.zh), key);
  }
});
