/** Customers of the shop: those made in bulk for a run, and those who register themselves. */
import type { Clock } from '../../base/clock.ts';
import { Refusal, type UserService } from '../services.ts';
import type { Store } from '../storage/store.ts';
import { createAccessTokens } from './access-token.ts';
import { createPasswords, type Passwords } from './password.ts';
import type { Credentials, NewUser, RegisterOutcome } from './user-procedures.ts';

export function createUserService(parts: {
  store: Store;
  tokenSecret: string;
  clock: Clock;
  passwords?: Passwords;
}): UserService {
  const { store } = parts;
  const tokens = createAccessTokens(parts.tokenSecret, parts.clock);
  const passwords = parts.passwords ?? createPasswords();
  return {
    createMany: (from, count) => store.call<void>('addBlock', { from, count }),
    register: async (profile) => {
      const email = normalised(profile.email);
      const known = await store.call<Credentials | undefined>('credentials', email);
      // Before the expensive hash; the unique index decides between two at the same time.
      if (known !== undefined) throw new Refusal(409, 'email_taken');
      const passwordHash = await passwords.hash(profile.password);
      const user: NewUser = { email, name: profile.name, passwordHash };
      const outcome = await store.call<RegisterOutcome>('register', user);
      if (outcome.kind === 'email_taken') throw new Refusal(409, 'email_taken');
      if (outcome.kind === 'full') throw new Refusal(503, 'overloaded');
      return { id: outcome.id };
    },
    login: async (email, password) => {
      const known = await store.call<Credentials | undefined>('credentials', normalised(email));
      const matches = await passwords.matches(password, known?.passwordHash);
      return matches && known !== undefined ? { id: known.id } : undefined;
    },
    mintToken: (customer) => tokens.mint(customer),
    verifyToken: (token) => tokens.verify(token),
  };
}

function normalised(email: string): string {
  return email.trim().toLowerCase();
}
