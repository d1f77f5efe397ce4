import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, createSystemClock, createVirtualClock } from '../../../../src/base/clock.ts';
import type { UserService } from '../../../../src/reference-system/services.ts';
import { openStores } from '../../../../src/reference-system/storage/open-stores.ts';
import type { Stores } from '../../../../src/reference-system/storage/store.ts';
import { createAccessTokens } from '../../../../src/reference-system/users/access-token.ts';
import { createPasswords } from '../../../../src/reference-system/users/password.ts';
import { createUserService } from '../../../../src/reference-system/users/user-service.ts';

const SECRET = 'a-secret-of-this-test-only';
/** The real cost would make these tests take seconds and prove nothing more. */
const CHEAP = { N: 16, r: 1, p: 1 };
const DAY_MS = 24 * 3_600_000;

let folder: string;
let stores: Stores;
let users: UserService;

async function open(): Promise<void> {
  const clock: Clock = createSystemClock();
  stores = await openStores({
    dataDir: folder,
    layout: 'shared',
    clock,
    strategy: 'guarded-update',
    execution: 'inline',
  });
  const passwords = createPasswords(CHEAP);
  users = createUserService({ store: stores.of('users'), tokenSecret: SECRET, clock, passwords });
}

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-users-'));
  await open();
});
afterEach(async () => {
  await stores.close();
  fs.rmSync(folder, { recursive: true });
});

const ANNA = { email: 'Anna@shop.example', name: 'Anna', password: 'correct horse' };

describe('users', () => {
  it('log in with what they registered with, in any case of the address', async () => {
    const { id } = await users.register(ANNA);
    expect(await users.login('anna@SHOP.example', ANNA.password)).toEqual({ id });
    expect(await users.login(ANNA.email, 'wrong')).toBeUndefined();
    expect(await users.login('nobody@shop.example', ANNA.password)).toBeUndefined();
  });

  it('cannot take an address twice, not even at the same time', async () => {
    const outcomes = await Promise.allSettled([users.register(ANNA), users.register(ANNA)]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(users.register(ANNA)).rejects.toMatchObject({ status: 409, code: 'email_taken' });
  });

  it('are still there when the shop is started again', async () => {
    const { id } = await users.register(ANNA);
    await users.createMany(0, 100);
    await stores.close();
    await open();
    expect(await users.login(ANNA.email, ANNA.password)).toEqual({ id });
    const other = await users.register({ ...ANNA, email: 'b@shop.example' });
    expect(other.id).not.toBe(id);
  });

  it('leave no password in the files of the shop', async () => {
    await users.register(ANNA);
    await stores.close();
    for (const name of fs.readdirSync(folder)) {
      expect(fs.readFileSync(path.join(folder, name)).includes(ANNA.password)).toBe(false);
    }
    await open();
  });
});

describe('an access token', () => {
  it('tells its customer, in this process and in one started with the same secret', () => {
    const clock = createVirtualClock();
    const token = createAccessTokens(SECRET, clock).mint('c-7');
    expect(createAccessTokens(SECRET, clock).verify(token)).toBe('c-7');
  });

  it('of another secret, cut, changed or unsigned tells nobody', () => {
    const clock = createVirtualClock();
    const tokens = createAccessTokens(SECRET, clock);
    const foreign = createAccessTokens('another-secret-of-this-test', clock).mint('c-7');
    const [header, , signature] = tokens.mint('c-7').split('.');
    const forged = Buffer.from('{"iss":"ecomsim-shop","sub":"c-1","exp":9999999999}');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const payload = forged.toString('base64url');
    const bad = [foreign, `${header}.${payload}.${signature}`, `${none}.${payload}.`, '', 'a.b.c'];
    for (const token of [...bad, 'x'.repeat(100_000)]) {
      expect(tokens.verify(token)).toBeUndefined();
    }
  });

  it('is no longer good after its lifetime, also when it was verified before', () => {
    const clock = createVirtualClock();
    const tokens = createAccessTokens(SECRET, clock);
    const token = tokens.mint('c-7');
    clock.advance(DAY_MS - 1);
    expect(tokens.verify(token)).toBe('c-7');
    clock.advance(2);
    expect(tokens.verify(token)).toBeUndefined();
  });
});

describe('password hashing', () => {
  it('gives another hash each time, and both match', async () => {
    const passwords = createPasswords(CHEAP);
    const [a, b] = await Promise.all([passwords.hash('secret'), passwords.hash('secret')]);
    expect(a).not.toBe(b);
    expect(await passwords.matches('secret', a)).toBe(true);
    expect(await passwords.matches('secret', b)).toBe(true);
    expect(await passwords.matches('Secret', a)).toBe(false);
    expect(await passwords.matches('secret', undefined)).toBe(false);
  });

  it('refuses beyond its queue instead of piling up, and goes on afterwards', async () => {
    const passwords = createPasswords(CHEAP);
    const all = Array.from({ length: 100 }, () => passwords.hash('secret'));
    const outcomes = await Promise.allSettled(all);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(100 - 2 - 64);
    expect(refused[0]).toMatchObject({ reason: { status: 503, code: 'overloaded' } });
    await expect(passwords.hash('secret')).resolves.toContain('.');
  });
});
