import { isProblemCode, Problem } from '@pactgate/protocol';
import { tooLongMs } from './bounds.ts';

type Json = Readonly<Record<string, unknown>>;
const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

/** Asks the sign-in endpoints, which stand beside the route table; a refusal is the {@link Problem} the server named. */
async function ask(path: string, body?: Json): Promise<Json> {
  const answer = await fetch(`/api/auth${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'application/json',
      'accept-language': document.documentElement.lang,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    credentials: 'same-origin',
    signal: AbortSignal.timeout(tooLongMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.ok) return text === '' ? {} : asObject(JSON.parse(text));
  throw readRefusal(answer.status, text);
}

function readRefusal(status: number, text: string): Problem {
  try {
    const { code, detail } = asObject(JSON.parse(text));
    if (typeof code === 'string' && isProblemCode(code))
      return new Problem(code, typeof detail === 'string' ? detail : '');
  } catch (cause) {
    return new Problem('internal', `HTTP ${status}, body is no problem document`, { cause });
  }
  return new Problem('internal', `HTTP ${status}`);
}

/** `code`: the password was right and a second factor is due; no session is open yet. */
export async function signIn(email: string, password: string): Promise<'open' | 'code'> {
  const answer = await ask('/sign-in/email', { email, password });
  return answer['twoFactorRedirect'] === true ? 'code' : 'open';
}

/** Six digits are the authenticator's; anything else is a backup code. */
export const isTotp = (code: string): boolean => /^[0-9]{6}$/.test(code);

/** Proves the second factor, at sign-in or in an open session; blanks that people type between digits are dropped. */
export async function proveFactor(typed: string): Promise<void> {
  const code = typed.replaceAll(/\s/g, '');
  await ask(isTotp(code) ? '/two-factor/verify-totp' : '/two-factor/verify-backup-code', { code });
}

export interface NewFactor {
  readonly uri: string;
  /** Base32, as authenticator apps take it by hand. */
  readonly secret: string;
  readonly backupCodes: readonly string[];
}

/** Starts a second factor; it counts from the first code that {@link proveFactor} proves. */
export async function startFactor(password: string): Promise<NewFactor> {
  const { totpURI, backupCodes } = await ask('/two-factor/enable', { password });
  if (typeof totpURI !== 'string' || !Array.isArray(backupCodes)) throw new Problem('internal', 'no TOTP address');
  const secret = URL.parse(totpURI)?.searchParams.get('secret') ?? '';
  return { uri: totpURI, secret, backupCodes: backupCodes.filter((code) => typeof code === 'string') };
}

/** Whether the account of the open session has a second factor already. */
export async function hasFactor(): Promise<boolean> {
  const { user } = await ask('/get-session');
  return asObject(user)['twoFactorEnabled'] === true;
}

/** New backup codes; the old ones end. */
export async function renewBackupCodes(password: string): Promise<readonly string[]> {
  const { backupCodes } = await ask('/two-factor/generate-backup-codes', { password });
  return Array.isArray(backupCodes) ? backupCodes.filter((code) => typeof code === 'string') : [];
}

/** Other sessions of the person end. */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  await ask('/change-password', { currentPassword, newPassword });
}

export async function signOut(): Promise<void> {
  await ask('/sign-out', {});
}
