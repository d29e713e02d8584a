import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  encodeEntries,
  encodeHex,
  encodeUtf8,
  edgeRoot,
  emptyEdge,
  formatCheckpoint,
  formatNote,
  formatTlogProof,
  formatVkey,
  growTree,
  emptyLogTree,
  type NoteSigner,
  noteKey,
  keyTypes,
  parseLogPath,
  proveInclusion,
  signText,
  VerifiedLog,
} from '@pactgate/proof';
import { TestAuthority } from '../../gateway/testing/certificates.ts';
import { nodeHasher, nodeProofCrypto } from '../proof-crypto.ts';
import { draw, type LogTarget, verifyIndependently, verifyLog } from './self-test.ts';

void [encodeHex, edgeRoot, emptyEdge, growTree, emptyLogTree, keyTypes, noteKey, formatVkey, VerifiedLog, randomBytes, https, path, after, before, test, assert, TestAuthority, nodeHasher, nodeProofCrypto, draw, verifyIndependently, verifyLog, encodeEntries, encodeUtf8, formatCheckpoint, formatNote, formatTlogProof, parseLogPath, proveInclusion, signText];
export type X = AddressInfo | NoteSigner | LogTarget;
