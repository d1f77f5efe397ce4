// Consent of a public host's owner: bound to host and key, seen at a place that only the owner has.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock, createVirtualClock } from '../../../../src/base/clock.ts';
import { LOOPBACK_ONLY } from '../../../../src/contract/call.ts';
import { consentLine, holdsConsent } from '../../../../src/targets/live/consent.ts';
import {
  type ConsentAnswer,
  type ConsentSource,
  DnsConsent,
  WellKnownConsent,
} from '../../../../src/targets/live/consent-sources.ts';
import { ConsentWatch } from '../../../../src/targets/live/consent-watch.ts';
import { JsonClient } from '../../../../src/targets/live/json-client.ts';

const HOST = 'shop.example';
const KEY = 'a-key-of-ours-0123';
const LINE = consentLine(HOST, KEY);

describe('the line of consent', () => {
  it('holds for its own host and key only, and does not tell the key', () => {
    expect(holdsConsent(LINE, HOST, KEY)).toBe(true);
    expect(holdsConsent(LINE, 'other.example', KEY)).toBe(false);
    expect(holdsConsent(LINE, HOST, `${KEY}4`)).toBe(false);
    expect(LINE).not.toContain(KEY);
  });

  it('may stand among the lines of others', () => {
    const page = `# testers\r\n${consentLine(HOST, 'another-key-456789')}\r\n  ${LINE} \r\n`;
    expect(holdsConsent(page, HOST, KEY)).toBe(true);
  });

  it('is not found within other text, nor behind too much of it', () => {
    expect(holdsConsent(`see ${LINE}`, HOST, KEY)).toBe(false);
    expect(holdsConsent(`${LINE}0`, HOST, KEY)).toBe(false);
    expect(holdsConsent(`${'\n'.repeat(20_000)}${LINE}`, HOST, KEY)).toBe(false);
    expect(holdsConsent('', HOST, KEY)).toBe(false);
  });
});

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function pageAnswering(status: number, text: string, headers = {}): Promise<ConsentAnswer> {
  server = createServer((_request, response) => response.writeHead(status, headers).end(text));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new JsonClient({
    origin,
    egress: LOOPBACK_ONLY,
    tls: { ca: '', insecure: false },
    clock: createSystemClock(),
    shown: (one) => one,
  });
  const source = new WellKnownConsent(client, origin);
  const answer = await source.read();
  await source.close();
  return answer;
}

describe('the page of the host', () => {
  it('is read when it is there', async () => {
    expect(await pageAnswering(200, LINE)).toEqual({ kind: 'text', text: LINE });
  });

  it.each([404, 410, 403, 204])('is absent when it answers %d', async (status) => {
    expect(await pageAnswering(status, '')).toEqual({ kind: 'absent' });
  });

  it('is absent when it leads elsewhere', async () => {
    const elsewhere = { location: 'http://127.0.0.1/other' };
    expect(await pageAnswering(302, '', elsewhere)).toEqual({ kind: 'absent' });
  });

  it.each([500, 503, 429])('is unclear when it answers %d', async (status) => {
    expect(await pageAnswering(status, '')).toMatchObject({ kind: 'unclear' });
  });
});

describe('the record of the name', () => {
  const failing = (code: string) => async (): Promise<string[][]> => {
    throw Object.assign(new Error(code), { code });
  };

  it('is put together from its parts', async () => {
    const asked: string[] = [];
    const dns = new DnsConsent(HOST, async (name) => {
      asked.push(name);
      return [['v=spf1'], [LINE.slice(0, 40), LINE.slice(40)]];
    });
    expect(await dns.read()).toEqual({ kind: 'text', text: `v=spf1\n${LINE}` });
    expect(asked).toEqual([`_ecomsim.${HOST}`]);
  });

  it('is absent where there is none, and unclear where nobody answers', async () => {
    expect(await new DnsConsent(HOST, failing('ENODATA')).read()).toEqual({ kind: 'absent' });
    expect(await new DnsConsent(HOST, failing('ENOTFOUND')).read()).toEqual({ kind: 'absent' });
    expect(await new DnsConsent(HOST, failing('ETIMEOUT')).read()).toMatchObject({
      kind: 'unclear',
    });
  });
});

/** A place that says what the test last wrote there. */
class Notice implements ConsentSource {
  readonly place = 'a notice';
  answer: ConsentAnswer;
  reads = 0;

  constructor(answer: ConsentAnswer) {
    this.answer = answer;
  }

  async read(): Promise<ConsentAnswer> {
    this.reads++;
    return this.answer;
  }

  async close(): Promise<void> {}
}

const YES: ConsentAnswer = { kind: 'text', text: LINE };
const UNCLEAR: ConsentAnswer = { kind: 'unclear', why: 'HTTP 503' };

function watching(sources: readonly ConsentSource[], runKey = KEY) {
  const clock = createVirtualClock();
  const watch = new ConsentWatch({ host: HOST, runKey, sources, clock });
  const reasons: string[] = [];
  const pass = async (ms: number): Promise<void> => {
    for (let i = 0; i < ms / 500; i++) {
      clock.advance(500);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
  return { watch, reasons, pass, begin: () => watch.watch((reason) => reasons.push(reason)) };
}

describe('the watch', () => {
  it('refuses without a line, and says what its owner has to place and where', async () => {
    const { watch } = watching([new Notice({ kind: 'absent' })]);
    const error = await watch.demand().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'EGRESS_REFUSED', exitCode: 104 });
    expect((error as { details: string[] }).details.join('\n')).toContain(LINE);
  });

  it('refuses without a key', async () => {
    const { watch } = watching([new Notice(YES)], '');
    await expect(watch.demand()).rejects.toThrow('no runKey');
  });

  it('ends the load at the first look after the consent has gone', async () => {
    const notice = new Notice(YES);
    const { watch, reasons, pass, begin } = watching([notice]);
    await watch.demand();
    begin();
    await pass(9000);
    expect(reasons).toEqual([]);
    notice.answer = { kind: 'absent' };
    await pass(3000);
    expect(reasons).toEqual([expect.stringContaining('withdrawn')]);
    await pass(9000);
    expect(reasons).toHaveLength(1);
  });

  it('takes the line of another key for none', async () => {
    const notice = new Notice(YES);
    const { watch, reasons, pass, begin } = watching([notice]);
    await watch.demand();
    begin();
    notice.answer = { kind: 'text', text: consentLine(HOST, 'somebody-elses-key') };
    await pass(3000);
    expect(reasons).toHaveLength(1);
  });

  it('lives with an unclear answer for a while, and not for ever', async () => {
    const notice = new Notice(YES);
    const { watch, reasons, pass, begin } = watching([notice]);
    await watch.demand();
    begin();
    notice.answer = UNCLEAR;
    await pass(20_000);
    notice.answer = YES;
    await pass(6000);
    notice.answer = UNCLEAR;
    await pass(27_000);
    expect(reasons).toEqual([]);
    await pass(6000);
    expect(reasons).toEqual([expect.stringContaining('could not be seen')]);
  });

  it('needs one of two places, and only those where it was found', async () => {
    const page = new Notice({ kind: 'absent' });
    const record = new Notice(YES);
    const { watch, reasons, pass, begin } = watching([page, record]);
    await watch.demand();
    begin();
    await pass(6000);
    expect(reasons).toEqual([]);
    expect(page.reads).toBe(1);
    page.answer = YES;
    record.answer = { kind: 'absent' };
    await pass(3000);
    expect(reasons).toHaveLength(1);
  });

  it('says nothing any more once it is closed', async () => {
    const notice = new Notice(YES);
    const { watch, reasons, pass, begin } = watching([notice]);
    await watch.demand();
    begin();
    await watch.close();
    notice.answer = { kind: 'absent' };
    await pass(9000);
    expect(reasons).toEqual([]);
  });
});
