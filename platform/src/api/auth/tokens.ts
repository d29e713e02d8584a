import { Problem, type Role } from '@pactgate/protocol';
import { type RandomBytes, uuidv7 } from '../../kernel/ids.ts';
import { type Duration, type Instant, later } from '../../kernel/time.ts';
import { type ApiToken, longestToken, type PeopleStore, peopleLimits } from '../../parties/people.ts';
import { hashSecret, makeSecret, tokenPrefix } from './secrets.ts';

export interface TokenRequest {
  readonly name: string;
  readonly role: Role;
  readonly party: string;
  /** At most {@link longestToken}. */
  readonly life: Duration;
  /** Id of who makes it. */
  readonly by?: string;
  /** It ends no later than this: a token made with a token does not outlive it. */
  readonly until?: Instant;
}
export interface MadeToken {
  /** Shown once; only its hash is kept. */
  readonly secret: string;
  readonly token: ApiToken;
}
export interface TokenParts {
  readonly store: Pick<PeopleStore, 'addToken' | 'tokens'>;
  readonly now: () => Instant;
  readonly random: RandomBytes;
}

/** Makes API tokens (256 random bits behind `pgk_`), each with its `token.create` record. */
export function makeTokenMaker({ store, now, random }: TokenParts): (request: TokenRequest) => Promise<MadeToken> {
  return async ({ name, role, party, life, by, until }) => {
    const createdAt = now();
    if (life <= 0 || life > longestToken) throw new Problem('request/invalid', 'life of the token');
    if ((await store.tokens(party, createdAt)).length >= peopleLimits.tokens)
      throw new Problem('request/conflict', `more than ${peopleLimits.tokens} tokens`);
    const secret = tokenPrefix + makeSecret();
    const end = later(createdAt, life);
    const token: ApiToken = {
      id: uuidv7(createdAt, random),
      hash: hashSecret(secret),
      name,
      role,
      party,
      createdAt,
      expiresAt: until !== undefined && until < end ? until : end,
      ...(by && { by }),
    };
    await store.addToken(token, [
      {
        kind: 'token.create',
        outcome: 'ok',
        body: { token: token.id, role, by: by ?? 'operator', expires: token.expiresAt },
      },
    ]);
    return { secret, token };
  };
}
