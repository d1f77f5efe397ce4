/** What a stranger may try at the bundled shop, as requests of its public port. */
import type { ForeignProbe, ForeignQuestion } from '../../contract/audit-probe.ts';
import { customerIdOf } from '../../contract/customer.ts';
import type { ControlClient, ControlRequest } from './control-client.ts';

type Asked = Pick<ControlRequest, 'method' | 'path' | 'body' | 'headers'>;

function requestOf({ action, owner, subject, key }: ForeignQuestion): Asked {
  const id = encodeURIComponent(subject);
  switch (action) {
    case 'read':
      return { method: 'GET', path: `/api/orders/${id}` };
    case 'readByKey':
      return { method: 'GET', path: `/api/orders/by-key/${encodeURIComponent(key)}` };
    case 'list':
      return { method: 'GET', path: `/api/orders?customer=${customerIdOf(owner)}` };
    case 'cancel':
      return { method: 'POST', path: `/api/orders/${id}/cancel` };
    case 'pay':
      return {
        method: 'POST',
        path: '/api/orders',
        headers: { 'idempotency-key': key },
        body: { checkoutId: subject, paymentToken: 'tok_instant' },
      };
  }
}

/** An answer is only looked through for the id: whatever else it says is nobody's business. */
export async function askAsStranger(
  front: ControlClient,
  question: ForeignQuestion,
  timeoutMs: number,
): Promise<ForeignProbe> {
  const { action, owner, intruder, subject, token } = question;
  const asked = requestOf(question);
  const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
  const answer = await front.tryToSend({
    ...asked,
    headers: { ...asked.headers, ...authorization },
    timeoutMs,
  });
  const { status, body } = answer ?? { status: 0, body: '' };
  const isTaken = status >= 200 && status <= 299;
  // A refusal may repeat what it was asked for.
  const leaked = isTaken && body.includes(JSON.stringify(subject));
  return { action, owner, intruder, subject, status, leaked };
}
