import type { Provision } from './bilingual.ts';

/** What holds for all clauses of the standard edition. Says what the product does and what its evidence cannot show. */
export const provisions: readonly Provision[] = [
  {
    id: 'signing',
    title: { zh: '签署与效力', en: 'Signing and validity' },
    paragraphs: [
      {
        zh: '双方各自以自有密钥对本文件的摘要签名。摘要为本文件 JSON 按 RFC 8785 规范化后的 SHA-256 值；签名采用 JWS（ES256）。各方应自行取得、呈现并计算所签署的文件，不得仅凭对方出示的摘要签署。',
        en: 'Each party signs the digest of this document with a key of its own. The digest is the SHA-256 of the document as RFC 8785 JSON; the signature is a JWS (ES256). Each party fetches, renders and hashes by itself what it signs, and never signs a digest that it was merely shown.',
      },
      {
        zh: '本协议自第二份签名记入账本时生效；此前设备方的任何设备不得入网注册。',
        en: 'The agreement is in force from the moment the second signature is on the ledger. Before that no device of party B can enrol.',
      },
      {
        zh: '变更须由双方签署新的版本，仅向后生效：在旧版本之下开始的判定窗口仍按旧版本判定；已经起算的期限，仅可由双方共同签署的账本记录变更。',
        en: 'An amendment is a new edition signed by both, and acts forward only: a window opened under an edition is judged by it, and a running deadline moves only by a ledger entry that both signed.',
      },
      {
        zh: '参数附表中的数字和各行的代码在两种文本中相同。两种文本具有同等效力；如有出入，双方应按数字、代码和条款的目的解释。',
        en: 'The numbers of the parameter annex and the codes of the rows are the same in both languages. Both texts are equally valid; where they differ, they are read by the numbers, the codes and the purpose of the clause.',
      },
    ],
  },
  {
    id: 'evidence',
    title: { zh: '证据的含义', en: 'What evidence means' },
    paragraphs: [
      {
        zh: '每项子责任按账本中的证据判定，状态为：符合、有风险（期限正在计算）、违约、未知、不适用或者已豁免。汇总时依次以违约、未知、有风险、符合、已豁免、不适用为先，并列明各自数量。',
        en: 'Each sub-duty is judged on the evidence in the ledger: met, at risk (a deadline is running), breached, unknown, not applicable or waived. A roll-up shows the first that occurs of breached, unknown, at risk, met, waived and not applicable, with the count of each.',
      },
      {
        zh: '必需的证据缺失或者超过其时效的，状态为未知，绝不视为符合。没有样本、没有在线设备、探测程序停止运行，均不构成符合。',
        en: 'Required evidence that is missing or too old makes the status unknown, never met. No sample, no device online, or a probe that has stopped is not a pass.',
      },
      {
        zh: '证据分为四级：三级为对方所见或者经密码学证明；二级为平台所见；一级为责任方签署的声明；零级为未签名。每次判定均载明其所依据证据的最低级别。',
        en: 'Evidence has four grades: three, seen by the other party or cryptographically attested; two, seen by the platform; one, a signed statement of the owing party; zero, unsigned. Each judgement names the lowest grade it rests on.',
      },
      {
        zh: '任何一方均可取得本协议的账本，并以自己持有的信任锚独立验证，无需信任对方；对任一记录有异议的，可以提出并限期解决。',
        en: 'Either party may take the ledger of this agreement and verify it alone, with trust anchors it holds itself and without trusting the other. It may challenge any record, and the challenge has a deadline.',
      },
    ],
  },
  {
    id: 'breach',
    title: { zh: '违约的登记与改正', en: 'How a breach opens and is cured' },
    paragraphs: [
      {
        zh: '子责任被判定为违约的，即在账本中登记：载明责任方、对象、违约代码、标准及其参数、所见事实、证据和期限，并通知责任方。登记、通知、异议、改正和结案各为一条账本记录。',
        en: 'When a sub-duty is judged breached, a breach opens in the ledger: with the party that owes the duty, the subject, the code, the criterion with its parameters, what was observed, the evidence and the deadline; and that party is told. Opening, notice, dispute, cure and closing are one ledger entry each.',
      },
      {
        zh: '改正期限自登记时起算，以账本时间为准。新的证据表明标准已经符合的，违约即告改正。移除对象而消除的违约另行标明和统计，不视为改正。',
        en: 'The time to cure runs from the opening, in ledger time. A breach is cured when new evidence shows the criterion met. One that ends because its subject was removed is marked and counted apart, not as cured.',
      },
      {
        zh: '状态为未知且持续超过证据时效两倍的，登记违约，由负责收集该证据的一方承担。',
        en: 'A status that stays unknown for more than twice the age of its evidence opens a breach against the party that collects that evidence.',
      },
      {
        zh: '豁免由对方签署，并载明截止日；截止日之后不再适用。期限仅因双方均可见的账本记录而中止。',
        en: 'A waiver is signed by the other party and has an end date, after which it no longer counts. A deadline is paused only by a ledger entry that both parties see.',
      },
    ],
  },
  {
    id: 'limits',
    title: { zh: '限制', en: 'Limits' },
    paragraphs: [
      {
        zh: '账本证明记录在何时之前已经存在且此后未被改动；联署证明账本只被追加。两者均不证明记录的内容真实，也不证明没有遗漏；后者依靠来源序号、计数核对、设备回执和设备方自己的记录。',
        en: 'The ledger proves that a record existed by a certain time and was not changed since; a cosignature proves that the ledger was only appended to. Neither proves that a record is true or that none is missing: that rests on source sequences, reconciled counts, device receipts and the records of party B.',
      },
      {
        zh: '对于文件，系统证明其存在、签署人、时间、范围和后续事项是否关闭；其内容由对方的人员确认。',
        en: 'Of a document the system shows that it exists, who signed it, its age, its scope and whether its follow-ups are closed. A person of the other party confirms its content.',
      },
      {
        zh: '标准版本仅包含第一条至第三条。损害赔偿、费用、终止、争议解决等事项由双方另行约定；本协议不免除任何一方依法承担的义务。',
        en: 'The standard edition has articles 1 to 3 only. Damages, fees, termination, disputes and the like are agreed elsewhere. Nothing here frees a party from what the law demands.',
      },
    ],
  },
];
