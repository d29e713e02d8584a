import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Ended, run } from '../tools/live/process.ts';
import type { PartySide, Ready } from './platform.ts';

/** A device with a certificate, as files that foreign clients read. */
export interface Enrolled {
  readonly id: string;
  readonly party: PartySide;
  /** Holds `root.pem`, `device.key`, `device.pem`. */
  readonly dir: string;
}

/** Registers devices under the pump model; answers their one-time codes in order. */
export async function register({ engineer, agreement }: PartySide, ...ids: readonly string[]): Promise<string[]> {
  const { devices } = await engineer.client.call('registerDevices', {
    params: { agreement },
    body: { devices: ids.map((id) => ({ id, model: 'pump-2' })) },
  });
  return devices.map(({ code }) => code);
}

/** A directory for a device with the root and a new key; no certificate yet. */
export async function newKey({ dir, server }: Ready, party: PartySide, id: string): Promise<Enrolled> {
  const own = path.join(dir, 'devices', `${party.id}-${id}`);
  mkdirSync(own, { recursive: true });
  writeFileSync(path.join(own, 'root.pem'), server.rootPem);
  const device = { id, party, dir: own };
  await shell(device, 'openssl ecparam -name prime256v1 -genkey -noout -out device.key');
  return device;
}

/** Runs a shell script in the directory of a device; never rejects for its exit code. */
export function shell(
  { dir }: Pick<Enrolled, 'dir'>,
  script: string,
  env: Record<string, string> = {},
): Promise<Ended> {
  return run('bash', ['-o', 'pipefail', '-euc', script], { cwd: dir, env, timeout: 30_000 });
}

const estOf = (ready: Ready, party: PartySide): string =>
  `https://localhost:${ready.platform.devicePort}/.well-known/est/${party.id}`;

/** What EST answered: the status and, on success, the certificate in a file. */
export interface EstAnswer {
  readonly status: number;
  readonly text: string;
}

interface EstCall {
  readonly operation: 'simpleenroll' | 'simplereenroll';
  /** Further arguments of curl: `-u id:code`, or `--cert` and `--key`. */
  readonly with: readonly string[];
  /** Key of the request and file of the certificate. */
  readonly key?: string;
  readonly out?: string;
}

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** One EST operation by curl and openssl alone. */
export async function est(ready: Ready, device: Enrolled, call: EstCall): Promise<EstAnswer> {
  const { key = 'device.key', out = 'device.pem' } = call;
  const url = `${estOf(ready, device.party)}/${call.operation}`;
  const script = `openssl req -new -key ${key} -subj "/CN=${device.id}" -outform DER -out request.der
status=$(curl -sS --cacert root.pem ${call.with.map(quote).join(' ')} -H 'Content-Type: application/pkcs10' \\
  --data-binary @request.der -o answer.txt -w '%{http_code}' ${url})
if [ "$status" = 200 ]; then
  openssl base64 -d -A -in answer.txt | openssl pkcs7 -inform DER -print_certs -out ${out}
fi
echo "$status"; cat answer.txt`;
  const { code, stdout, stderr } = await shell(device, script);
  if (code !== 0) throw new Error(`curl or openssl failed (${code}): ${stderr}`);
  const [status = '', ...rest] = stdout.split('\n');
  return { status: Number(status), text: rest.join('\n') };
}

/** Registers one device and enrols it with its code, by curl and openssl. */
export async function enrol(ready: Ready, party: PartySide, id: string): Promise<Enrolled> {
  const [code = ''] = await register(party, id);
  const device = await newKey(ready, party, id);
  const { status, text } = await est(ready, device, { operation: 'simpleenroll', with: ['-u', `${id}:${code}`] });
  if (status !== 200) throw new Error(`enrolment of ${id}: HTTP ${status} ${text}`);
  return device;
}
