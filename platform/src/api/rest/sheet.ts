import { downlinks, topicPrefix, type UplinkKind, uplinks } from '@pactgate/protocol';
import type { Device } from '../../duties/identity/index.ts';
import type { Handlers } from '../context.ts';

/** What every sheet says of the platform. */
export interface SheetFacts {
  readonly rootPem: () => string;
  readonly rootSha256: () => string;
  readonly host: string;
  readonly mqttPort: number;
  readonly devicePort: number;
}

/** A declared channel with a message it accepts (JSON). */
export interface SheetChannel {
  readonly name: string;
  readonly example: string;
}

type Sheet = Awaited<ReturnType<Handlers['sheet']>>;

/** What each topic is for and the body it takes; the long form is `docs/devices.md`. */
const notes: Readonly<Record<UplinkKind, { readonly zh: string; readonly en: string }>> = {
  telemetry: { zh: '遥测数据：仅清单声明的字段会被存储', en: 'telemetry: only fields of the manifest are stored' },
  event: {
    zh: '安全事件报告：{"v":1,"id":ULID,"boot","seq","t","mono","type","severity"}',
    en: 'security report: {"v":1,"id":ULID,"boot","seq","t","mono","type","severity"}',
  },
  state: { zh: '上报状态（合并补丁）：{"name":value}', en: 'reported state, a merge patch: {"name":value}' },
  version: { zh: '运行版本：{"v":1,"firmware":"2.1.3"}', en: 'running version: {"v":1,"firmware":"2.1.3"}' },
  ports: { zh: '设备监听的端口：{"ports":[]}', en: 'ports the device listens on: {"ports":[]}' },
  selftest: {
    zh: '检测器自检：{"detectors":["tamper"],"passed":true}',
    en: 'self-test of its detectors: {"detectors":["tamper"],"passed":true}',
  },
  'command-accepted': { zh: '已接受命令：{}', en: 'accepts a command: {}' },
  'command-result': {
    zh: '命令结果：{"outcome":"done","result":{}}',
    en: 'result of a command: {"outcome":"done","result":{}}',
  },
  'notice-ack': { zh: '确认通知：{}', en: 'acknowledges a notice: {}' },
};
const downNotes: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  cmd: { zh: '平台命令', en: 'commands of the platform' },
  config: { zh: '期望配置', en: 'desired configuration' },
  policy: { zh: '限额与策略', en: 'limits and policy' },
  notice: { zh: '通知与回执', en: 'notices and receipts' },
};

function topics(channels: readonly string[]): Sheet['topics'] {
  const up = uplinks.flatMap(({ template, kind }) => {
    const names = kind === 'telemetry' ? channels.map((channel) => template.replace('{channel}', channel)) : [template];
    return names.map((name) => ({
      topic: topicPrefix + name,
      direction: 'up' as const,
      note: { ...notes[kind] },
    }));
  });
  const down = downlinks.map(({ kind, template }) => ({
    topic: topicPrefix + template,
    direction: 'down' as const,
    note: { ...(downNotes[kind] ?? { zh: '下行', en: 'downlink' }) },
  }));
  return [...up, ...down];
}

/** Module names of the example, so that they do not read as imports of this file. */
const quoted = (name: string): string => `'${name}'`;

/** A text as one word of a shell: names in it are party B's, and whoever pastes the command is somebody else. */
export const shellText = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
/** A text as a literal of JavaScript. */
export const javaScriptText = (text: string): string => JSON.stringify(text);

/** One block of text to copy. */
const command = (tool: string, zh: string, en: string, text: string): Sheet['commands'][number] => ({
  tool,
  title: { zh, en },
  text,
});

/**
 * Everything an engineer needs to connect a device with tools that are at hand. The commands are run by a test; the
 * one-time code is never in them: it was shown once, and stands as `$CODE`.
 */
export function connectionSheet(facts: SheetFacts, device: Device, channels: readonly SheetChannel[]): Sheet {
  const { host, mqttPort, devicePort } = facts;
  const { id, party } = device;
  const { name: channel, example } = channels[0] ?? { name: 'default', example: '{}' };
  const files = '--cafile root.pem --cert device.pem --key device.key';
  const broker = `-h ${host} -p ${mqttPort} -V 5 -i ${id}`;
  const est = `https://${host}:${devicePort}/.well-known/est/${party}`;
  return {
    rootPem: facts.rootPem(),
    rootSha256: facts.rootSha256(),
    host,
    mqttPort,
    devicePort,
    estUser: id,
    clientId: id,
    topics: topics(channels.map(({ name }) => name)),
    commands: [
      command(
        'openssl',
        '生成密钥与证书请求（私钥不离开设备）',
        'Make key and certificate request (the private key stays on the device)',
        `openssl ecparam -name prime256v1 -genkey -noout -out device.key\nopenssl req -new -key device.key -subj "/CN=${id}" -outform DER -out device.csr`,
      ),
      command(
        'curl',
        '用一次性注册码注册（EST）',
        'Enrol with the one-time code (EST)',
        `curl --fail-with-body --cacert root.pem -u "${id}:$CODE" -H "Content-Type: application/pkcs10" \\\n  --data-binary @device.csr ${est}/simpleenroll \\\n  | openssl base64 -d -A | openssl pkcs7 -inform DER -print_certs -out device.pem`,
      ),
      command(
        'mosquitto_pub',
        '发送一条遥测数据',
        'Send one telemetry message',
        `mosquitto_pub ${broker} ${files} -q 1 -t ${topicPrefix}up/telemetry/${channel} -m ${shellText(example)}`,
      ),
      command(
        'mosquitto_sub',
        '接收下行消息（与发布并行，使用带后缀的客户端标识）',
        'Receive downlink, side by side with publishing (client id with a suffix)',
        `mosquitto_sub -h ${host} -p ${mqttPort} -V 5 -i ${id}:sub ${files} -q 1 -t '${topicPrefix}dn/#' -v`,
      ),
      command(
        'MQTT.js',
        'MQTT.js（Node.js）',
        'MQTT.js (Node.js)',
        `import { readFileSync } from ${quoted('node:fs')};\nimport mqtt from ${quoted('mqtt')};\n\nconst client = await mqtt.connectAsync('mqtts://${host}:${mqttPort}', {\n  protocolVersion: 5,\n  clientId: '${id}',\n  ca: readFileSync('root.pem'),\n  cert: readFileSync('device.pem'),\n  key: readFileSync('device.key'),\n});\nawait client.subscribeAsync('${topicPrefix}dn/#', { qos: 1 });\nawait client.publishAsync('${topicPrefix}up/telemetry/${channel}', ${javaScriptText(example)}, { qos: 1 });\nawait client.endAsync();`,
      ),
    ],
  };
}
