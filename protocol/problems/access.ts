import type { ProblemRow } from './row.ts';

/** What a device may do, and the MQTT protocol itself. */
export const accessProblems = {
  'access/client-id': {
    status: 403,
    duty: 'B2.2.6',
    title: { zh: '客户端标识与证书不符', en: 'The client id does not belong to the certificate' },
    next: {
      zh: '客户端标识请用 {设备标识} 或 {设备标识}:{后缀}，或留空。',
      en: 'Use {device} or {device}:{suffix} as client id, or leave it empty.',
    },
  },
  'access/denied': {
    status: 403,
    duty: 'B2.2.6',
    title: { zh: '现行策略不允许此操作', en: 'The policy in force does not permit this' },
    next: { zh: '请在设备页查看策略与设备属性。', en: 'See the policy and the device attributes on the device page.' },
  },
  'access/level': {
    status: 403,
    duty: 'A3.6.2',
    title: { zh: '当前隔离级别不允许此操作', en: 'Not permitted at the isolation level of the device' },
    next: {
      zh: '目前仅生命线操作可用；请在设备页查看指令。',
      en: 'Only the lifeline works now; see the order on the device page.',
    },
  },
  'access/policy-error': {
    status: 403,
    duty: 'A3.1.3',
    title: { zh: '策略无法求值，故拒绝', en: 'The policy could not be evaluated, so the answer is no' },
    next: {
      zh: '请告知平台运维：求值错误一律拒绝。',
      en: 'Tell the operator: an evaluation error is a denial by design.',
    },
  },
  'access/topic-foreign': {
    status: 403,
    duty: 'B2.2.6',
    title: { zh: '该主题不在设备自身范围内', en: 'This topic is outside the own tree of the device' },
    next: {
      zh: '请在 v1/me/up/ 下发布，在 v1/me/dn/ 下订阅。',
      en: 'Publish below v1/me/up/ and subscribe below v1/me/dn/.',
    },
  },
  'access/topic-unknown': {
    status: 403,
    duty: 'B2.2.6',
    title: { zh: '不存在该主题', en: 'No such topic' },
    next: { zh: '请参见接入说明中的主题列表。', en: 'See the list of topics on the connection sheet.' },
  },
  'access/will': {
    status: 403,
    duty: 'B2.2.6',
    title: { zh: '遗嘱消息仅可用于 up/state', en: 'A will is only possible on up/state' },
    next: { zh: '请取消遗嘱或将其设在 v1/me/up/state。', en: 'Leave the will out or set it on v1/me/up/state.' },
  },
  'mqtt/connect-first': {
    status: 400,
    duty: 'B2.2.4',
    title: { zh: '首个报文不是 CONNECT', en: 'The first packet is not CONNECT' },
    next: { zh: '请从首字节起使用 MQTT 3.1.1 或 5。', en: 'Speak MQTT 3.1.1 or 5 from the first byte.' },
  },
  'mqtt/connect-timeout': {
    status: 408,
    duty: 'B2.2.4',
    title: { zh: 'CONNECT 未按时到达', en: 'CONNECT did not arrive in time' },
    next: { zh: '请在握手后 5 秒内发送 CONNECT。', en: 'Send CONNECT within 5 seconds of the handshake.' },
  },
  'mqtt/keep-alive': {
    status: 408,
    duty: 'B2.2.4',
    title: { zh: '超过 1.5 倍保活时间无消息', en: 'Nothing heard for one and a half keep-alive times' },
    next: { zh: '请按时发送 PINGREQ。', en: 'Send PINGREQ in time.' },
  },
  'mqtt/malformed': {
    status: 400,
    duty: 'B2.2.6',
    title: { zh: '报文格式错误', en: 'Malformed packet' },
    next: { zh: '请更新客户端：报文违反标准。', en: 'Update the client: the packet breaks the standard.' },
  },
  'mqtt/packet-too-large': {
    status: 413,
    duty: 'B2.2.6',
    title: { zh: '报文过大', en: 'Packet too large' },
    next: { zh: '请勿超过 CONNACK 中的最大报文长度。', en: 'Stay below the maximum packet size of CONNACK.' },
  },
  'mqtt/protocol-error': {
    status: 400,
    duty: 'B2.2.6',
    title: { zh: '协议错误', en: 'Protocol error' },
    next: { zh: '请更新客户端：此处不允许该报文。', en: 'Update the client: the packet is not allowed here.' },
  },
  'mqtt/qos': {
    status: 400,
    duty: 'B2.2.6',
    title: { zh: '不支持该服务质量等级', en: 'Quality of service not supported' },
    next: { zh: '请使用 QoS 0 或 1。', en: 'Use QoS 0 or 1.' },
  },
  'mqtt/receive-maximum': {
    status: 400,
    duty: 'B2.2.6',
    title: { zh: '在途消息超过上限', en: 'More messages in flight than allowed' },
    next: { zh: '请勿超过 CONNACK 中的接收上限。', en: 'Stay below the Receive Maximum of CONNACK.' },
  },
  'mqtt/retain': {
    status: 400,
    duty: 'B2.2.6',
    title: { zh: '不支持保留消息', en: 'Retained messages are not supported' },
    next: { zh: '请清除 retain 标志。', en: 'Clear the retain flag.' },
  },
  'mqtt/topic-alias': {
    status: 400,
    duty: 'B2.2.6',
    title: { zh: '主题别名越界', en: 'Topic alias out of range' },
    next: { zh: '请勿超过 CONNACK 中的主题别名上限。', en: 'Stay within the Topic Alias Maximum of CONNACK.' },
  },
  'mqtt/version': {
    status: 400,
    duty: 'B2.2.4',
    title: { zh: '不支持该协议版本', en: 'Protocol version not supported' },
    next: { zh: '请使用 MQTT 3.1.1 或 5。', en: 'Use MQTT 3.1.1 or 5.' },
  },
} as const satisfies Record<string, ProblemRow>;
