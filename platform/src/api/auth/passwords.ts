import { Problem } from '@pactgate/protocol';

/** Characters of a password (NIST SP 800-63B-4 section 3.1.1.2 asks for 15 without, 8 with a second factor). */
export const passwordLength = { min: 12, max: 200 } as const;

/**
 * Stems of the passwords that every leaked list is full of. The list is a rule, not a copy: a stem alone, doubled, with
 * digits, years and signs around it, with the usual letters swapped, forward or backward, is refused. With the tails
 * below it stands for far more than the thousand most leaked passwords of 12 characters and more.
 */
const stems = [
  'password passwort passw0rd parola motdepasse contrasena senha wachtwoord haslo heslo mima woaini woaiwojia aini',
  'qwerty qwertyuiop qwertz azerty asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qazwsx qazwsxedc qweasd qweasdzxc wasd',
  'admin administrator root toor superuser sysadmin operator user guest test tester testing demo default system server',
  'login logon letmein welcome hello access secret secure security changeme changeit pleasechange temp temporary trustno',
  'iloveyou lovely loveyou forever sunshine princess dragon monkey football baseball basketball soccer hockey superman',
  'batman spiderman pokemon starwars master shadow michael jessica jordan charlie computer internet samsung google',
  'summer winter spring autumn january february march april june july august september october november december',
  'monday tuesday wednesday thursday friday saturday sunday company office business service support manager',
  'device platform pactgate iot gateway mqtt sensor factory abc abcd abcde abcdef abcdefg abcdefgh qwer aaaa zxc asd qwe',
]
  .join(' ')
  .split(' ');

const swaps: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const unswapped = (text: string): string => text.replaceAll(/[013457@$!]/g, (sign) => swaps[sign] ?? sign);
const reversed = (text: string): string => Array.from(text).toReversed().join('');

/** Letters of the password in the readings an attacker's rules would try. */
function readings(password: string): readonly string[] {
  const lower = password.toLowerCase().normalize('NFKC');
  const bare = lower.replaceAll(/^[^a-z]+|[^a-z]+$/g, '');
  const plain = unswapped(lower).replaceAll(/[^a-z]/g, '');
  const trimmed = unswapped(lower.replaceAll(/^[^a-z]+|[^a-z@$!]+$/g, '')).replaceAll(/[^a-z]/g, '');
  const all = [bare.replaceAll(/[^a-z]/g, ''), plain, trimmed];
  return [...all, ...all.map(reversed)];
}

const known = new Set(stems);

/** True when the letters are stems and nothing else: `adminadmin`, `welcomeadmin`. Dynamic programming, at most 200 steps. */
function isStemsOnly(letters: string): boolean {
  const reach = [true];
  for (let end = 1; end <= letters.length; end++)
    reach[end] = reach.some((open, start) => open && start < end && known.has(letters.slice(start, end)));
  return letters.length > 0 && reach[letters.length] === true;
}

const rows = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
];

/** Runs along the keyboard or the alphabet, forward or backward: their whole length in runs of 4 and more. */
function isRun(lower: string): boolean {
  const lines = [...rows, ...rows.map(reversed)];
  let at = 0;
  while (at < lower.length) {
    const left = lower.slice(at);
    let length = 0;
    for (const line of lines) while (length < left.length && line.includes(left.slice(0, length + 1))) length++;
    if (length < 4 && length < left.length) return false;
    at += Math.max(1, length);
  }
  return true;
}

/** One to four characters again and again: `aaaaaaaaaaaa`, `123123123123`. */
const isRepeat = (lower: string): boolean => /^(.{1,4})\1{2,}.{0,3}$/s.test(lower);
const isDigits = (lower: string): boolean => /^[0-9 .\-/+]+$/.test(lower);

/** Why a password is refused; undefined: it may be used. Names are parts of it the attacker knows: name, mail. */
export function judgePassword(password: string, names: readonly string[] = []): string | undefined {
  const length = Array.from(password).length;
  if (length < passwordLength.min) return `shorter than ${passwordLength.min} characters`;
  if (length > passwordLength.max) return `longer than ${passwordLength.max} characters`;
  const lower = password.toLowerCase();
  if (new Set(lower).size < 5) return 'too few different characters';
  if (isDigits(lower)) return 'digits alone';
  if (isRepeat(lower) || isRun(lower)) return 'a pattern that everybody knows';
  if (readings(password).some(isStemsOnly)) return 'words and digits of the most leaked passwords';
  const parts = names.flatMap((name) => name.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((part) => part.length > 3);
  const rest = parts.reduce((text, part) => text.replaceAll(part, ''), lower).replaceAll(/[^\p{L}]/gu, '');
  if (parts.length > 0 && rest.length < 4 && !rest.match(/\P{ASCII}/u)) return 'made of the name or mail address';
  return undefined;
}

/** Throws `auth/password-weak` unless the password may be used. */
export function demandPassword(password: string, names: readonly string[] = []): void {
  const why = judgePassword(password, names);
  if (why) throw new Problem('auth/password-weak', why);
}
