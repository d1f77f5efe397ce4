/** The commented target file that `ecomsim init target` writes: the bundled shop as an example. */

/** YAML text that loads without problems and drives a shop that `ecomsim serve` has started. */
export function starterTarget(): string {
  return STARTER;
}

const STARTER = `# A target for ecomsim: how the operations look on a system of yours.
# This one describes the bundled shop. Try it:  ecomsim serve --port 8080   and, beside it,
#   ecomsim validate <this file> --probe
#   ecomsim run flash-sale -r 10/s -t <this file>
# then change it step by step into your own. What every field means: docs/targets.md.
name: my-shop

# This machine may be loaded freely. A host of a private network needs --allow-host <host>; one on
# the public internet a consent that its owner has placed, bound to this key (16 characters or more):
# runKey: '{env.ECOMSIM_RUN_KEY}'
baseUrl: http://127.0.0.1:8080

# Sent with every request. {env.NAME} is taken from the environment and never shown.
headers:
  accept: application/json

# A CSV file beside this one; row i belongs to customer i, as {user.<column>}.
# users: users.csv

# Once, before anything else: log in as an operator, load stock … What a step extracts is known to
# all that follow.
setup: []

# Once per shopper, before its first operation. What is extracted is kept for that shopper.
# {run} is another text in every run.
session:
  - request: POST /api/user/register
    body:
      name: 'Shopper {customer}'
      email: 'shopper{customer}.{run}@example.com'
      password: 'correct horse {customer}'
    # Some shoppers come back: whoever is known already just logs in.
    outcomes:
      - { when: { status: 409, '$.code': email_taken }, is: ok, reason: none }
  - request: POST /api/user/login
    body: { email: 'shopper{customer}.{run}@example.com', password: 'correct horse {customer}' }
    extract: { token: $.accessToken }

# What is on sale, the most popular first: a list of SKUs, or how to read it.
products:
  request: GET /api/home
  items: '$.featured[*]'
  sku: $.sku
  title: $.title
  priceMinor: $.priceMinor

# Known in every operation: {sku} {quantity} {customer} {run} {searchWords} {user.<column>} and what
# was extracted before; {checkoutId} and {orderId} once they are; {key} in orders.
operations:
  home: { request: GET /api/home }
  search: { request: 'GET /api/search?q={searchWords}' }
  viewProduct: { request: 'GET /api/products/{sku}' }
  viewStock:
    request: GET /api/inventory/{sku}
    extract: { stock: $.available }
  viewCart:
    request: GET /api/cart
    headers: { authorization: 'Bearer {token}' }
  addToCart:
    request: POST /api/cart/items
    headers: { authorization: 'Bearer {token}' }
    # A text that is one placeholder and nothing else becomes a number where it is one.
    body: { sku: '{sku}', quantity: '{quantity}' }
  checkout:
    request: POST /api/checkouts
    headers: { authorization: 'Bearer {token}' }
    body: {}
    # For shoppers who buy without a cart; absent: the same request.
    direct:
      body: { lines: [ { sku: '{sku}', quantity: '{quantity}' } ] }
    extract: { checkoutId: $.id, units: '$.lines[*].quantity', totalMinor: $.totalMinor }
  order:
    request: POST /api/orders
    headers: { authorization: 'Bearer {token}', idempotency-key: '{key}' }
    body: { checkoutId: '{checkoutId}', paymentToken: '{paymentToken}' }
    extract:
      orderId: $.id
      status: $.status
      units: '$.lines[*].quantity'
      totalMinor: $.totalMinor
    # Beside the usual meaning of a status (2xx ok, 409 and 429 refused, 5xx unknown …): the first
    # rule that matches wins. is: ok, refused, failed or unknown.
    outcomes:
      - { when: { status: 402, '$.code': payment_declined }, is: refused, reason: payment_declined }
    # What became of an order that was not answered.
    resolve:
      request: GET /api/orders/by-key/{key}
      headers: { authorization: 'Bearer {token}' }
  cancelOrder:
    request: POST /api/orders/{orderId}/cancel
    headers: { authorization: 'Bearer {token}' }

# Operations that your system does not have: shoppers pass over them.
skip: []

# What the audit may read. Without stock nothing is said about overselling; without orders and
# payments only what shoppers were told is judged.
ledger:
  stock: { request: 'GET /api/inventory/{sku}', units: $.available }
  # orders:
  #   request: GET /admin/orders?after={cursor}
  #   items: '$.items[*]'
  #   next: $.next
  #   id: $.id
  #   key: $.idempotencyKey
  #   status: $.status
  #   lines: '$.lines[*]'
  #   sku: $.sku
  #   units: $.quantity
  #   confirmed: [confirmed, archived]
  #   cancelled: [cancelled, refunded]
  #   refused: [declined, expired]
  # payments:
  #   request: GET /admin/payments?after={cursor}
  #   items: '$.items[*]'
  #   next: $.next
  #   id: $.id
  #   order: $.orderId
  #   status: $.status
  #   captured: [captured]
  #   refunded: [refunded]

# Nobody else buys while a run lasts: then what shoppers were shown is judged as well.
exclusive: true
# How long a checkout holds its units.
holdTtl: 8s
# After this a request without an answer can no longer take effect.
serverDeadline: 10s

# destructive: also send orders twice on purpose, and buy what is left at the end.
probes: none
`;
