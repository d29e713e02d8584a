import { Problem, type Role } from '@pactgate/protocol';
import { type Instant, later } from '../../kernel/time.ts';
import {
  type Link,
  type LinkKind,
  linkLife,
  type Notifier,
  type PeopleStore,
  peopleLimits,
} from '../../parties/people.ts';
import type { NewRecord } from '../../parties/record.ts';
import { hashSecret, isLinkSecret, makeSecret } from './secrets.ts';

/**
 * Page of the console that takes a link of this kind; the secret follows, behind `#` so that it stays in the browser and
 * in no log on the way. `signin` is answered by the server itself, which has to see it.
 */
export const linkPaths: Readonly<Record<LinkKind, string>> = {
  setup: '/setup#token=',
  person: '/join#token=',
  party: '/join#token=',
  recovery: '/recover#token=',
  signin: '/signin?token=',
};

export interface LinkRequest {
  readonly kind: LinkKind;
  readonly party: string;
  readonly role: Role;
  readonly person?: string;
  /** Mailed there when a notifier is configured. */
  readonly email?: string;
  /** Made on the operator's machine: a `signin` link then stands for the second factor too. */
  readonly operator?: boolean;
  /** Id of who makes it. */
  readonly by?: string;
  /** Written with the link. */
  readonly records?: readonly NewRecord[];
}
/** A link as it is shown once. */
export interface MadeLink {
  readonly link: string;
  /** The secret alone, for command lines. */
  readonly token: string;
  readonly expiresAt: Instant;
  /** It went out by mail; whoever asked still sees it. */
  readonly mailed: boolean;
}

export interface LinkParts {
  readonly store: Pick<PeopleStore, 'addLink' | 'link' | 'takeLink' | 'releaseLink' | 'countLinks'>;
  readonly origin: string;
  readonly now: () => Instant;
  readonly notifier?: Notifier;
}
export interface Links {
  make(request: LinkRequest): Promise<MadeLink>;
  /** The open link of this secret; `auth/link-invalid` otherwise, whatever the reason. */
  look(token: string, ...kinds: readonly LinkKind[]): Promise<Link>;
  /**
   * Uses the link up, then runs `work`. A refusal of `work` (a `Problem`: something the holder can mend) gives the link
   * back; any other failure leaves it used.
   */
  use<T>(token: string, kinds: readonly LinkKind[], work: (link: Link) => Promise<T>): Promise<T>;
}

const invalid = (): Problem => new Problem('auth/link-invalid', 'used, expired or unknown');

const subject = 'Pactgate';
const mailText = (link: string, until: Instant): string =>
  [
    'Pactgate / 设备安全接入平台',
    '',
    '请在以下时间之前打开此一次性链接：',
    'Open this one-time link before:',
    new Date(until).toISOString(),
    '',
    link,
    '',
    '若非您本人所期待，请忽略并告知管理员。',
    'If you did not expect it, ignore it and tell your administrator.',
    '',
  ].join('\n');

export function makeLinks({ store, origin, now, notifier }: LinkParts): Links {
  const look: Links['look'] = async (token, ...kinds) => {
    const link = isLinkSecret(token) ? await store.link(hashSecret(token), now()) : undefined;
    if (!link || !kinds.includes(link.kind)) throw invalid();
    return link;
  };
  return {
    make: async ({ kind, party, role, person, email, operator = false, by, records = [] }) => {
      const createdAt = now();
      if ((await store.countLinks(party, createdAt)) >= peopleLimits.links)
        throw new Problem('request/conflict', `more than ${peopleLimits.links} open links`);
      const token = makeSecret();
      const expiresAt = later(createdAt, linkLife[kind]);
      const optional = { ...(person && { person }), ...(email && { email }), ...(by && { by }) };
      await store.addLink(
        { hash: hashSecret(token), kind, party, role, operator, createdAt, expiresAt, ...optional },
        records,
      );
      const link = `${origin}${linkPaths[kind]}${token}`;
      const mailed =
        email !== undefined && (await notifier?.send(email, subject, mailText(link, expiresAt))) === 'sent';
      return { link, token, expiresAt, mailed };
    },
    look,
    use: async (token, kinds, work) => {
      await look(token, ...kinds);
      const hash = hashSecret(token);
      const link = await store.takeLink(hash, now());
      if (!link) throw invalid();
      try {
        return await work(link);
      } catch (error) {
        if (error instanceof Problem) await store.releaseLink(hash);
        throw error;
      }
    },
  };
}
