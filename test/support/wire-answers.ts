// What the parser of HTTP/1.1 answers made of some bytes, as one line of text.
import type { WireParser } from '../../src/targets/http/wire-parser.ts';

const bodyOf = (parser: WireParser): string =>
  parser.body.toString('latin1', parser.bodyFrom, parser.bodyTo);

/**
 * Feeds the pieces as a socket does: all through one buffer that is overwritten by the next, with
 * the end of a head behind it that the parser must not see.
 */
export function outcomeOf(parser: WireParser, pieces: readonly Buffer[], ended: boolean): string {
  const longest = Math.max(0, ...pieces.map(({ length }) => length));
  let body = '';
  const shared = Buffer.alloc(longest + 64);
  for (const piece of pieces) {
    shared.fill('\r\n\r\n');
    piece.copy(shared);
    const wasComplete = parser.state === 'complete';
    parser.read(shared, piece.length);
    if (parser.state === 'failed') break;
    if (!wasComplete && parser.state === 'complete') body = bodyOf(parser);
  }
  if (ended && parser.state !== 'complete' && parser.state !== 'failed') {
    parser.end();
    body = bodyOf(parser);
  }
  if (parser.state === 'failed') return `failed ${parser.failure}`;
  if (parser.state !== 'complete') return parser.state;
  const closes = parser.head.keepAlive ? '' : ' (closes)';
  return `${parser.head.status} ${body}${closes}${parser.hasExcess ? ' (excess)' : ''}`;
}
