import type { ProblemRow } from './row.ts';

/** Who a device is and whether it comes in (clauses 2.2, 2.3, 3.1). */
export const identityProblems = {
  'channel/certificate-expired': {
    status: 401,
    duty: 'B2.2.5',
    title: { zh: '证书已过期', en: 'The certificate has expired' },
    next: {
      zh: '请用 simplereenroll 续期；休眠宽限期内过期证书仍可续期。',
      en: 'Renew with simplereenroll; within the dormancy grace an expired certificate still may.',
    },
  },
  'channel/certificate-missing': {
    status: 401,
    duty: 'B2.2.4',
    title: { zh: '未提供客户端证书', en: 'No client certificate' },
    next: { zh: '请先注册取得证书，再连接。', en: 'Enrol first, then connect with the certificate.' },
  },
  'channel/certificate-revoked': {
    status: 403,
    duty: 'B2.2.5',
    title: { zh: '证书已被吊销', en: 'The certificate was revoked' },
    next: {
      zh: '请联系管理员；重新注册须使用新密钥。',
      en: 'Ask your administrator; a new enrolment needs a new key.',
    },
  },
  'channel/certificate-superseded': {
    status: 403,
    duty: 'B2.2.1',
    title: { zh: '证书已被新证书取代', en: 'The certificate was replaced by a newer one' },
    next: { zh: '请使用设备的最新证书。', en: 'Use the newest certificate of the device.' },
  },
  'channel/certificate-unknown': {
    status: 403,
    duty: 'B2.2.3',
    title: { zh: '证书非本平台签发', en: 'The certificate was not issued here' },
    next: { zh: '请用一次性注册码注册设备。', en: 'Enrol the device with its one-time code.' },
  },
  'channel/handshake': {
    status: 400,
    duty: 'B2.3.1',
    title: { zh: 'TLS 握手失败', en: 'The TLS handshake failed' },
    next: {
      zh: '请检查设备的 TLS 版本、套件、时钟与证书。',
      en: 'Check TLS version, suites, clock and certificate of the device.',
    },
  },
  'channel/plaintext': {
    status: 426,
    duty: 'B2.3.2',
    title: { zh: '本平台不接受明文', en: 'Plaintext is not spoken here' },
    next: { zh: '请按接入说明使用 TLS 端口连接。', en: 'Connect with TLS to the port of the connection sheet.' },
  },
  'channel/tls-too-old': {
    status: 426,
    duty: 'B2.3.1',
    title: { zh: 'TLS 版本低于下限', en: 'TLS version below the floor' },
    next: { zh: '请将设备 TLS 库升级到 1.2 或 1.3。', en: 'Update the TLS library of the device to 1.2 or 1.3.' },
  },
  'channel/weak-suite': {
    status: 403,
    duty: 'B2.3.1',
    title: { zh: '不接受该密码套件', en: 'Cipher suite not accepted' },
    next: { zh: '请提供具备前向保密的 AEAD 套件。', en: 'Offer an AEAD suite with forward secrecy.' },
  },
  'device/duplicate': {
    status: 409,
    duty: 'B2.2.1',
    title: { zh: '设备标识已被占用', en: 'This device id is taken' },
    next: { zh: '请更换标识；协议内标识唯一。', en: 'Choose another id; ids are unique in the agreement.' },
  },
  'device/isolated': {
    status: 403,
    duty: 'A3.6.2',
    title: { zh: '设备已被隔离', en: 'The device is isolated' },
    next: {
      zh: '请在设备页查看隔离指令与原因；解除后恢复。',
      en: 'See the order and its reason on the device page; it ends by release.',
    },
  },
  'device/state': {
    status: 409,
    duty: 'B2.2.3',
    title: { zh: '设备状态不允许此操作', en: 'The device is not in a state that allows this' },
    next: { zh: '请在设备页查看状态。', en: 'See its state on the device page.' },
  },
  'device/unknown': {
    status: 404,
    duty: 'B2.2.3',
    title: { zh: '不存在该设备', en: 'No such device' },
    next: { zh: '请先在型号下登记设备。', en: 'Register the device under its model first.' },
  },
  'enrol/code-invalid': {
    status: 401,
    duty: 'B2.2.3',
    title: { zh: '注册码错误、已使用或已过期', en: 'The enrolment code is wrong, used or expired' },
    next: {
      zh: '请申请新的注册码；每个仅可使用一次且限时有效。',
      en: 'Ask for a new code; each works once and for a limited time.',
    },
  },
  'enrol/csr-invalid': {
    status: 400,
    duty: 'B2.2.3',
    title: { zh: '证书请求格式错误或签名无效', en: 'The certificate request is malformed or its signature is wrong' },
    next: {
      zh: '请重新生成：PKCS#10，DER 或 base64，由自身密钥签名。',
      en: 'Make it again: PKCS#10, DER or base64, signed by its own key.',
    },
  },
  'enrol/key-bound': {
    status: 403,
    duty: 'B2.2.1',
    title: { zh: '该密钥已绑定其他设备', en: 'This key belongs to another device' },
    next: { zh: '请在本设备生成新密钥；切勿复制密钥。', en: 'Make a new key on this device; never copy keys.' },
  },
  'enrol/key-weak': {
    status: 400,
    duty: 'B2.2.1',
    title: { zh: '不接受该类密钥', en: 'This kind of key is not accepted' },
    next: { zh: '请使用 EC P-256、P-384 或 Ed25519。', en: 'Use EC P-256, P-384 or Ed25519.' },
  },
  'enrol/not-found': {
    status: 404,
    duty: 'B2.2.3',
    title: { zh: '不存在该注册操作', en: 'No such enrolment operation' },
    next: { zh: '请参见接入说明中的地址。', en: 'See the connection sheet for the addresses.' },
  },
  'enrol/renewal-refused': {
    status: 403,
    duty: 'B2.2.5',
    title: { zh: '当前不可续期', en: 'The certificate may not be renewed now' },
    next: { zh: '请在设备页查看原因。', en: 'See the reason on the device page.' },
  },
  'enrol/subject-mismatch': {
    status: 403,
    duty: 'B2.2.1',
    title: { zh: '请求中的主体是其他设备', en: 'The request names another device' },
    next: { zh: '请将主体留空或与设备标识一致。', en: 'Leave the subject empty or equal to the device id.' },
  },
  'enrol/too-large': {
    status: 413,
    duty: 'B2.2.3',
    title: { zh: '证书请求过大', en: 'The certificate request is too large' },
    next: { zh: '请勿超过 64 KiB。', en: 'Send at most 64 KiB.' },
  },
  'enrol/type': {
    status: 415,
    duty: 'B2.2.3',
    title: { zh: '不接受该内容类型', en: 'Content type not accepted' },
    next: { zh: '请使用 application/pkcs10。', en: 'Send application/pkcs10.' },
  },
  'gate/banned': {
    status: 403,
    duty: 'A3.1.4',
    title: { zh: '多次失败后被暂时封禁', en: 'Banned for a time after repeated failures' },
    next: { zh: '请排除原因；封禁到期自动解除。', en: 'Correct the cause; the ban ends by itself.' },
  },
  'gate/busy': {
    status: 503,
    duty: 'A3.3.6',
    title: { zh: '网关繁忙', en: 'The gateway is busy' },
    next: { zh: '请以递增随机间隔重连。', en: 'Reconnect with growing, random delay.' },
  },
  'gate/connections': {
    status: 429,
    duty: 'A3.1.4',
    title: { zh: '单设备连接数过多', en: 'Too many connections of one device' },
    next: { zh: '同一设备最多四个客户端同时连接。', en: 'At most four client ids of one device connect at once.' },
  },
  'gate/max-age': {
    status: 401,
    duty: 'B2.2.5',
    title: { zh: '会话已达最长时限', en: 'The session reached its greatest age' },
    next: { zh: '请重连：此即定期重新认证。', en: 'Reconnect: this is the periodic authentication.' },
  },
  'gate/rate': {
    status: 429,
    duty: 'A3.1.4',
    title: { zh: '消息过于频繁', en: 'Too many messages' },
    next: { zh: '请降低发送频率；限额见 dn/policy。', en: 'Send more slowly; see the limits on dn/policy.' },
  },
} as const satisfies Record<string, ProblemRow>;
