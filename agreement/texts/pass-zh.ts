import type { SubDutyId } from '../catalogue.ts';

/** Chinese counterpart of every row's `pass`, with the same placeholders. */
export const passZh: Readonly<Record<SubDutyId, string>> = {
  'B2.1.1':
    '每个有活跃设备的型号均有安全设计档案，由设备方密钥签名且签名至今不超过{fileMaxAge}；其软件物料清单可按 CycloneDX 或 SPDX 格式解析；其安全支持截止日尚未届至',
  'B2.1.2':
    '防篡改等级不低于该型号约定的等级；型号能够远程证明的，不超过{attestMaxAge}的证明结果显示调试已禁用；没有篡改事件超过{triageWithin}仍未研判',
  'B2.1.3':
    '能够远程证明的活跃设备中，至少{affirmingShare}有不超过{attestMaxAge}的肯定结果；不能远程证明的型号均有平台方签署且仍在有效期内的豁免',
  'B2.1.4': '每台活跃设备均通过现行基线的全部必检项，且检查至今不超过{checkMaxAge}',
  'B2.1.5':
    '没有活跃设备运行存在超期未决漏洞匹配的版本；期限自通知设备方时起算：已被利用且暴露的{fixExploited}，严重{fixCritical}，高危{fixHigh}，中危{fixMedium}',
  'B2.2.1':
    '任何两台设备的密钥均不相同；除不超过{renewalOverlap}的续期重叠期外，同一标识不得有两个有效密钥；每个经确认的克隆均在{cloneHold}内被冻结',
  'B2.2.2': '约定密钥级别为硬件的型号，其每台设备均有有效的密钥证明；除入网注册和续期外，不绑定任何密钥',
  'B2.2.3': '每台有会话的设备，此前均有入网注册的账本记录，且私钥持有证明已核验、认领已获批准；无一例外',
  'B2.2.4': '在每个{window}的窗口内，建立的会话数等于成功的认证数；单台设备认证失败不超过{maxFailures}',
  'B2.2.5':
    '没有存续超过{sessionMaxAge}的会话；没有会话使用过期或已吊销的证书；至少{renewedShare}的活跃设备在证书有效期剩余超过{renewalPoint}时完成续期',
  'B2.2.6':
    '单台设备被拒绝的操作不超过{warnAbove}；在{shareWindow}内发出至少{minRequests}次请求的，被拒绝的占比不超过{denialShare}；没有一次是对另一当事方资源的写入',
  'B2.3.1': '每个会话均使用 TLS {minTls} 或更高版本及认可清单内的密码套件；握手结束之前不传递任何应用数据',
  'B2.3.2':
    '在明文绊线监听期间，{window}内没有已知设备尝试明文通信；最近一次端口报告不超过{reportMaxAge}，且未列出{forbiddenPorts}中的任何端口',
  'B2.3.3':
    '最近{seenWithin}内出现过的设备中，至少{appliedShare}上报的配置摘要与期望摘要一致；其中{applyWithin}期限已满的设备全部一致',
  'B2.3.4':
    '截止日之后没有低于最低版本的会话；自截止日前{lookAhead}起，每个型号至少{migratedShare}的活跃设备已完成升级',
  'B2.4.1': '每个型号每日含有未声明字段的消息，不超过其消息总数的{undeclaredShare}；未声明的字段一律不存储',
  'B2.4.2': '现行数据清单的每个字段均已标注并经平台方会签；复核至今不超过{reviewMaxAge}',
  'B2.4.3':
    '{envelopeGrade} 级及以上的字段到达时一律经信封加密，所用算法已获认可且密钥有效；有静态存储加密声明，且该声明不超过{claimMaxAge}',
  'B2.4.4':
    '植入的识别样式对无权角色均不可见；导出内容无一触发检测（不超过{sampleRows}行的全部扫描，超过的抽样{sampleRows}行）',
  'B2.4.5': '没有数据行超过其保存期限再加{retentionGrace}；每次清除均留下经签名的汇总；已删除数据的证明仍可通过验证',
  'B2.5.1':
    '每个型号在最近{provedWithin}内有一次成功的更新任务或演练：其在线目标至少{successShare}在{successWithin}内完成更新；更新失败的设备至少{reachableShare}仍可连通',
  'B2.5.2':
    '每个已发布的更新包均按设备方的签名门限核验通过；没有一次安装缺少通过的核验步骤；没有未经授权的降级；坏签名演练被拒绝',
  'B2.5.3':
    '至少{reportedShare}的活跃设备有不超过{reportMaxAge}的上报且所报版本为已知版本；每台活跃设备均有不超过{reportLimit}的上报',
  'B2.5.4':
    '强制更新任务的每个目标均在期限届满前（{deadline}；漏洞已被利用的为{exploitedDeadline}）完成更新或被隔离；至少{updatedShare}的目标完成更新',
  'B2.5.5':
    '每次发布至少有{approvers}名不同的批准人，强制更新须双方各有一名；时间戳元数据不超过{timestampMaxAge}，快照元数据不超过{snapshotMaxAge}；没有未经决策的下载；没有使用已吊销的密钥',
  'B2.5.6':
    '已终止支持的型号，其活跃设备的隔离级别无一低于“受限”；支持期内的型号，最近一次安全发布不超过{releaseMaxAge}，或者设备方已签署无须变更的声明',
  'B2.6.1':
    '每个有活跃设备的型号，最近{testedWithin}内，所声明的每个检测器均有至少{testedShare}的活跃设备（且不少于{testedMin}台）上报自检事件',
  'B2.6.2':
    '至少{onTimeShare}的报告，在线时于检测后{onlineWithin}内收到，或者于重新连接后{reconnectWithin}内收到；每份报告均符合其数据模式；序号缺口在{explainWithin}内说明',
  'B2.6.3':
    '确认收悉的时限：严重{ackCritical}，高{ackHigh}，其他{ackOther}；提供所要求材料的时限：严重{replyCritical}，高{replyHigh}，其他{replyOther}；最近一次联系测试距今不超过{contactEvery}，且在{contactWithin}内得到应答',
  'B2.6.4':
    '根因报告在遏制后{rootCauseWithin}内提交；修复措施关联到具体版本或配置；平台方的核验已有记录；同一原因在{noRepeatFor}内未再发生',
  'A3.1.1':
    '每项反向探测均被拒绝并留有日志；正向探测被接受；没有会话缺少其认证的账本记录；设备方可以运行同一套探测工具',
  'A3.1.2': '每台活跃设备均受检验型号、来源和风险等级的许可规则约束；没有通配许可；默认拒绝',
  'A3.1.3':
    '在每个{window}的窗口内，决策数等于操作数；每个决策均载明其策略摘要；每日重放{replaySamples}个样本，结论相同；{decideShare}的决策耗时不超过{decideWithin}',
  'A3.1.4':
    '每次演练均在{detectWithin}内被检测、在{blockWithin}内被阻断；解除阻断均经批准；规则集距今不超过{rulesMaxAge}',
  'A3.1.5':
    '全部节点加载的策略摘要与经批准的摘要一致；没有批准人少于{approvers}名的变更；收紧策略的，在{noticeWithin}内连同差异通知每个受影响的设备方',
  'A3.2.1': '仅提供认可的版本和密码套件；证书链有效且距到期至少{expiryMargin}；没有明文端口；降级和重协商均被拒绝',
  'A3.2.2':
    '每种协议的探测每月至少{successShare}成功；{roundTripShare}的往返用时不超过{roundTrip}；与设备方计数的差异不超过{counterTolerance}',
  'A3.2.3':
    '密码资产清单距今不超过{inventoryMaxAge}；每一步强制措施均至少提前{noticeBefore}通知（紧急情形为{emergencyNotice}，且须经双方批准）；每个受影响的设备方均已确认或者已被催告',
  'A3.3.1': '各项防护均在运行；规则距今不超过{rulesMaxAge}；每条探测串均被阻断并告警；防火墙配置摘要与经批准的摘要一致',
  'A3.3.2':
    '评估报告距今不超过{reportMaxAge}且覆盖全部监听端点；内容提要在{shareWithin}内提供给设备方；严重问题在{closeCritical}内关闭，高危问题在{closeHigh}内关闭',
  'A3.3.3':
    '最近一次全面扫描距今不超过{scanMaxAge}；修复时限：已被利用且暴露的{fixExploited}，严重{fixCritical}，高危{fixHigh}，中危{fixMedium}',
  'A3.3.4':
    '明文诱饵搜索无一命中；数据密钥启用至今不超过{dataKeyMaxAge}，主密钥不超过{masterKeyMaxAge}；每次特权读取均有工单和账本记录；跨当事方的读取被拒绝',
  'A3.3.5':
    '本协议日志、主日志和平台日志均无不一致（尾部校验距今不超过{tailMaxAge}，全部重算距今不超过{fullMaxAge}）；日志增长后检查点的发布用时，中位数不超过{publishTypical}，{publishShare}不超过{publishLimit}；设备方见证程序在运行时，其联署距今不超过{cosignMaxAge}；没有相互冲突的检查点',
  'A3.3.6':
    '每月可用性至少{availability}；备份距今不超过{backupMaxAge}；恢复点目标（RPO）不超过{rpo}、恢复时间目标（RTO）不超过{rto}，由距今不超过{restoreMaxAge}的恢复测试证明；恢复所得的根与检查点的根一致',
  'A3.4.1':
    '在每个{window}的窗口内，来源计数等于账本记录数（本协议日志与平台日志合计）；{outboxShare}的待发记录在排序时不超过{outboxMaxAge}；时钟偏差不超过{clockOffset}；按{receiptSample}抽取的设备回执均有包含证明',
  'A3.4.2': '在线保存至少{online}，归档保存至少{archive}；每日随机取{readbackRecords}条记录恢复并证明；没有提前删除',
  'A3.4.3': '每个监听端点和存储均被覆盖；心跳中断不超过{gapLimit}；每个传感器每月在线率至少{uptime}',
  'A3.4.4':
    '{raiseShare}的告警在事件发生后{raiseWithin}内发出；在{deliverWithin}内送达；确认时限：严重{ackCritical}，高{ackHigh}；最近一次送达的测试告警距今不超过{testEvery}',
  'A3.4.5':
    '策略、配置和日志各自的最近一次审计距今不超过{reviewMaxAge}，由未作出相关变更的人员完成并签名；发现的问题按期关闭',
  'A3.4.6':
    '至少{proofSuccess}的证明请求成功；导出在{exportWithin}内备妥；距今不超过{selfTestMaxAge}的独立验证，对最新检查点和随机抽取的{randomLeaves}条账本记录均通过；设备方的异议没有超过{challengeWithin}仍未解决的',
  'A3.5.1':
    '最近一次安全发布或者经签署的无须更新声明，距今不超过{releaseEvery}；运行环境处于受支持的版本线；每次发布均经回退测试',
  'A3.5.2':
    '每个受影响的设备方均在发布后{noticeWithin}内得到通知（不兼容变更至少提前{breakingNotice}）；在{chaseAfter}内取得回执或者予以催告',
  'A3.5.3':
    'security.txt 有效且未过期；漏洞报告在{ackWithin}内确认收悉，在{triageWithin}内研判，在{advisoryWithin}内或者约定日期发布公告；法律有要求的，在{regulatorWithin}内报告主管机关；每份 CSAF 文件均通过校验',
  'A3.5.4': '确认后{openWithin}内建立联合处置案件；没有里程碑未经商定变更而逾期；结案由双方签署',
  'A3.6.1':
    '预案复核距今不超过{reviewMaxAge}；与设备方的演练距今不超过{drillMaxAge}；联系人名单测试距今不超过{contactMaxAge}；改进措施均已关闭',
  'A3.6.2':
    '自确认至遏制的时限：严重{containCritical}，高{containHigh}；被隔离的设备未获准执行其隔离级别以外的任何操作',
  'A3.6.3':
    '告知受影响设备方的时限：严重{tellCritical}，高{tellHigh}，其他{tellOther}；遏制之前至少每{updateEvery}更新一次；遵守监管时限（中国：关键信息基础设施{cnCritical}，其他{cnOther}；欧盟：{euWarning}和{euNotification}）',
  'A3.6.4':
    '相关威胁指标自确认起{shareCritical}（严重）或者{shareOther}内可供获取；情报集合可达率至少{reachable}；每个情报包均通过校验；设备方轮询中断超过{pollGap}的，向其告知',
  'A3.6.5':
    '自收到经签名的修复包至启动更新任务的时限：严重{startCritical}，高{startHigh}；至少{coverage}的在线目标在{coverageWithin}内完成更新',
  'A3.6.6': '严重级和高级安全事件：结案后{reportWithin}内有双方签署的复盘报告；至少{actionsOnTime}的改进措施按期关闭',
};
