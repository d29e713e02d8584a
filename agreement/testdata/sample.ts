import type { DraftInput } from '../document.ts';

/** Two invented parties. The credit code is the worked example of GB 32100-2015, the log key that of a C2SP vector. */
export const sampleInput: DraftInput = {
  id: '0199c1a2-7b3c-7d4e-8f50-112233445566',
  draftedAt: '2026-03-02T07:19:25.123Z',
  partyA: {
    name: '示例平台有限公司',
    representative: '王平',
    address: '福建省福州市示例路一号',
    register: { kind: 'uscc', number: '91350100M000100Y43' },
    contactEmail: 'security@platform.example',
    language: 'zh-CN',
  },
  partyB: {
    name: 'Example Pumps GmbH',
    representative: 'Erika Mustermann',
    address: 'Musterstrasse 1, 28195 Bremen, Germany',
    register: { kind: 'other', registerName: 'Handelsregister Bremen', number: 'HRB 12345' },
    contactEmail: 'psirt@pumps.example',
  },
  anchors: {
    rootSha256: '00'.repeat(32),
    signingKey: { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'B'.repeat(43) },
    logs: ['log.example/c1+b3019980+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c'],
  },
};
