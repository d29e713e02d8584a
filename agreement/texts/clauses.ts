import type { Clause } from './bilingual.ts';

/** Articles 2 and 3 of the standard edition, in the project's own words. */
export const clauseTexts: readonly Clause[] = [
  {
    id: '2.1',
    title: { zh: '设计安全', en: 'Design security' },
    text: {
      zh: '设备方在设计、开发和生产设备时贯彻安全设计，为设备提供基本的物理防护和安全启动；设备的系统和应用须符合平台方的安全基线，并针对已知漏洞定期更新。',
      en: 'Party B designs, develops and produces its devices to be secure by design, with basic physical protection and secure boot. The system and the applications of a device meet the security baseline of party A and are updated regularly against known vulnerabilities.',
    },
  },
  {
    id: '2.2',
    title: { zh: '身份认证与授权', en: 'Identity, authentication and authorisation' },
    text: {
      zh: '每台设备具有唯一且不可伪造的标识；设备在首次接入和每次定期连接时，均按平台方的机制完成认证；接入之后，设备只对获得授权的资源执行获得授权的操作。',
      en: 'Each device has a unique id that cannot be forged. It is authenticated by the mechanism of party A at its first access and at every periodic connection; after access it performs only authorised operations on authorised resources.',
    },
  },
  {
    id: '2.3',
    title: { zh: '通信安全', en: 'Communication security' },
    text: {
      zh: '设备与平台之间的全部通信均采用平台方认可的强加密，以保证机密性和完整性；明文 HTTP、CoAP 等不安全的协议须关闭或者移除；平台方可以要求设备落实强制加密的配置。',
      en: 'All traffic between device and platform runs over strong encryption that party A accepts, for confidentiality and integrity. Insecure protocols such as plain HTTP and CoAP are switched off or removed. Party A may require configuration that forces encryption.',
    },
  },
  {
    id: '2.4',
    title: { zh: '数据安全', en: 'Data security' },
    text: {
      zh: '设备只采集和发送平台功能所必需的数据；敏感数据在传输和存储中均须加密；设备方配合平台方的数据规则，包括分类分级、脱敏和去标识化。',
      en: 'Devices collect and send only what the function of the platform needs. Sensitive data is encrypted in transit and where it is stored. Party B cooperates with the data rules of party A: classification, masking and de-identification.',
    },
  },
  {
    id: '2.5',
    title: { zh: '安全更新与维护', en: 'Security updates and maintenance' },
    text: {
      zh: '设备方提供安全可靠的远程更新机制，以数字签名保证更新的来源和完整性；设备上报正在运行的版本，并服从针对严重漏洞的强制更新；更新机制本身须防止被滥用。',
      en: 'Party B provides a secure and reliable mechanism for remote updates, with digital signatures for their origin and integrity. Devices report the versions they run and obey forced updates against serious vulnerabilities. The mechanism itself is protected from abuse.',
    },
  },
  {
    id: '2.6',
    title: { zh: '安全事件响应', en: 'Incident response' },
    text: {
      zh: '设备能够检测安全事件，并按平台方规定的形式立即上报；设备方配合调查，提供技术支持和信息，参与分析和处置。',
      en: 'Devices detect security events and report them at once in the form that party A prescribes. Party B cooperates with investigations: technical support, information, analysis and handling.',
    },
  },
  {
    id: '3.1',
    title: { zh: '接入控制与认证', en: 'Access control and authentication' },
    text: {
      zh: '平台方提供设备认证机制，只准许合法设备接入；按设备类型、来源和风险等级制定并可调整访问策略；检测并阻断恶意或者异常的接入。',
      en: 'Party A provides a device authentication mechanism that lets only legitimate devices in, sets access policies by device type, source and risk level that can be adjusted, and detects and blocks malicious or abnormal access.',
    },
  },
  {
    id: '3.2',
    title: { zh: '通信安全', en: 'Communication security' },
    text: {
      zh: '平台方提供安全的通道和网络，以及必要的安全协议；平台方有权随技术发展要求设备迁移到更安全的协议版本。',
      en: 'Party A provides secure channels, a secure network and the necessary secure protocols. It has the right to require devices to move to safer protocol versions as technology develops.',
    },
  },
  {
    id: '3.3',
    title: { zh: '平台安全防护', en: 'Platform protection' },
    text: {
      zh: '平台方部署防火墙、入侵检测与防御和 Web 应用防火墙，定期进行安全评估和漏洞扫描，并保证所存储的用户数据、设备元数据和操作日志的机密性、完整性和可用性。',
      en: 'Party A runs a firewall, intrusion detection and prevention and a web application firewall, and has regular security assessments and vulnerability scans. Stored user data, device metadata and operation logs stay confidential, intact and available.',
    },
  },
  {
    id: '3.4',
    title: { zh: '安全监控与审计', en: 'Security monitoring and audit' },
    text: {
      zh: '平台方记录每一项关键操作和事件，持续进行安全监测，对异常行为和威胁实时告警，并定期审计策略、配置和日志。',
      en: 'Party A logs every key operation and event, monitors security, raises real-time alerts on abnormal behaviour and threats, and audits policies, configuration and logs regularly.',
    },
  },
  {
    id: '3.5',
    title: { zh: '安全更新与维护', en: 'Security updates and maintenance' },
    text: {
      zh: '平台方定期发布平台的安全更新和补丁，发布后及时通知设备方；对于平台自身的漏洞，平台方与设备方及其他相关方按照披露政策协调披露，并联合修复。',
      en: 'Party A releases regular security updates and patches of the platform and tells party B in time after each release. For vulnerabilities of the platform itself there is disclosure under a policy, together with party B and other stakeholders, and joint fixes.',
    },
  },
  {
    id: '3.6',
    title: { zh: '安全事件响应与协作', en: 'Incident response and collaboration' },
    text: {
      zh: '平台方制定并执行应急预案，及时遏制安全事件，主动向设备方共享威胁信息，并与设备方共同处置，例如隔离受影响的设备、推送设备补丁。',
      en: 'Party A has an emergency response plan and carries it out, contains incidents in time, shares threat information with party B of its own accord, and handles incidents jointly, for example by isolating affected devices and pushing device patches.',
    },
  },
];
