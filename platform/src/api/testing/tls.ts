import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Pair {
  readonly key: string;
  readonly cert: string;
}
export interface TestPki {
  readonly root: Pair;
  readonly server: Pair;
  /** A client certificate of the root. */
  client(name: string): Pair;
  /** A client certificate nobody here issued. */
  stranger(name: string): Pair;
}

/** A throw-away root with a certificate for localhost, made by openssl: for live tests. */
export function makeTestPki(): TestPki {
  const root = selfSigned('Test root');
  return {
    root,
    server: issue(root, 'localhost', 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth'),
    client: (name) => issue(root, name, 'extendedKeyUsage=clientAuth'),
    stranger: (name) => issue(selfSigned('Another root'), name, 'extendedKeyUsage=clientAuth'),
  };
}

function inFolder<T>(work: (dir: string) => T): T {
  const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-pki-'));
  try {
    return work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const openssl = (dir: string, ...args: readonly string[]): void => {
  execFileSync('openssl', args, { cwd: dir, stdio: 'pipe', timeout: 20_000 });
};
const read = (dir: string): Pair => ({
  key: readFileSync(path.join(dir, 'key.pem'), 'utf8'),
  cert: readFileSync(path.join(dir, 'cert.pem'), 'utf8'),
});
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem'];

function selfSigned(name: string): Pair {
  return inFolder((dir) => {
    openssl(dir, 'req', '-x509', ...newKey, '-out', 'cert.pem', '-days', '2', '-subj', `/CN=${name}`);
    return read(dir);
  });
}

function issue(root: Pair, name: string, extensions: string): Pair {
  return inFolder((dir) => {
    writeFileSync(path.join(dir, 'root.pem'), root.cert);
    writeFileSync(path.join(dir, 'root.key'), root.key);
    writeFileSync(path.join(dir, 'ext'), `${extensions}\n`);
    openssl(dir, 'req', '-new', ...newKey, '-out', 'csr.pem', '-subj', `/CN=${name}`);
    const by = ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-extfile', 'ext', '-days', '2'];
    openssl(dir, 'x509', '-req', '-in', 'csr.pem', ...by, '-out', 'cert.pem');
    return read(dir);
  });
}
