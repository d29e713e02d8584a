import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/** What the tests need of Debian: a file that shows the package is there, and its name. */
const needed = [
  { file: '/usr/bin/chromium', name: 'chromium' },
  { file: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc', name: 'fonts-noto-cjk' },
  { file: '/usr/bin/mosquitto_pub', name: 'mosquitto-clients' },
  { file: '/usr/sbin/mosquitto', name: 'mosquitto' },
  { file: '/usr/lib/postgresql/15/bin/postgres', name: 'postgresql' },
  { file: '/usr/lib/python3/dist-packages/paho/mqtt/client.py', name: 'python3-paho-mqtt' },
  { file: '/usr/lib/python3/dist-packages/aiosmtpd/controller.py', name: 'python3-aiosmtpd' },
  { file: '/usr/lib/python3/dist-packages/cryptography/__init__.py', name: 'python3-cryptography' },
  { file: '/usr/bin/openssl', name: 'openssl' },
  { file: '/usr/bin/curl', name: 'curl' },
  { file: '/usr/bin/setpriv', name: 'util-linux' },
  { file: '/usr/bin/gcc', name: 'gcc' },
  { file: '/usr/include/openssl/ssl.h', name: 'libssl-dev' },
] as const;

const policy = '/usr/sbin/policy-rc.d';

function apt(args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env, timeout: 900_000 });
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} ended with ${status ?? 'a time-out'}`);
}

type Package = (typeof needed)[number]['name'];

const missingOf = (names: readonly Package[] | undefined) =>
  needed.filter(({ file, name }) => (names === undefined || names.includes(name)) && !existsSync(file));

const commandFor = (names: readonly string[]): string =>
  `apt-get update && apt-get install -y --no-install-recommends ${names.join(' ')}`;

/** Installs packages as root, without letting any of them start a daemon. */
function install(names: readonly string[]): void {
  console.error(`Installing from Debian: ${names.join(' ')}`);
  const own = !existsSync(policy);
  // 101: "action forbidden by policy", so that no installation starts a server.
  if (own) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt(['update', '-q']);
    apt(['install', '-q', '-y', '--no-install-recommends', ...names]);
  } finally {
    if (own) rmSync(policy, { force: true });
  }
}

const mayInstall = (): boolean => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

/**
 * Installs what tests and benchmarks need and is missing when it may (root); else prints the one command and ends the process with
 * 69. A missing peer never skips a test.
 */
export function demandDebianPackages(): void {
  const missing = missingOf(undefined).map(({ name }) => name);
  if (missing.length === 0) return;
  if (!mayInstall()) {
    console.error(`Debian packages are needed that are not installed. As root:\n  ${commandFor(missing)}`);
    process.exit(69);
  }
  install(missing);
  const still = missingOf(undefined).map(({ name, file }) => `${name} (${file})`);
  if (still.length > 0) throw new Error(`installed, but not found: ${still.join(', ')}`);
}

/** Installs packages that a program can do without when it may (root); else says how, and what is missing stays so. */
export function offerDebianPackages(names: readonly Package[], why: string): void {
  const missing = missingOf(names).map(({ name }) => name);
  if (missing.length === 0) return;
  if (mayInstall()) install(missing);
  else console.error(`${why} Not installed; as root:\n  ${commandFor(missing)}`);
}
