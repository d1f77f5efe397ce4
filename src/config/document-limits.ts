/** A look at the tokens of a YAML text before it is parsed: what could blow up stops here. */
import { CST, Lexer } from 'yaml';

export const MAX_DEPTH = 32;
export const MAX_ALIASES = 100;
/** A profile has about a hundred tokens; with more than this, building the tree takes too long. */
export const MAX_TOKENS = 20_000;

/** Every block level needs a column of its own, so this bounds their depth for the parser. */
const MAX_INDENT = 400;

export interface LimitBreach {
  readonly message: string;
  readonly offset: number;
}

/**
 * The parser recurses per level and a text of nested brackets kills the process, so depth must be
 * known before it runs. The lexer itself works iteratively and is stopped at the first breach.
 */
export function findLimitBreach(text: string): LimitBreach | undefined {
  let tokens = 0;
  let aliases = 0;
  let flowDepth = 0;
  /** Indicators that open a block level (`- - -`, `? ?`, `a: b:`) since the line began. */
  let opened = 0;
  let offset = 0;
  let isScalarText = false;
  let isLineStart = true;
  for (const lexeme of new Lexer().lex(text)) {
    // Control marks of the lexer (`\x02` document, `\x18` error, `\x1f` scalar) are not in the text.
    if (lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END) continue;
    if (lexeme === CST.SCALAR) {
      isScalarText = true;
      continue;
    }
    const at = offset;
    offset += lexeme.length;
    if (++tokens > MAX_TOKENS) {
      return { message: `has more than ${MAX_TOKENS} words and signs`, offset: at };
    }
    const type = isScalarText ? 'scalar' : CST.tokenType(lexeme);
    isScalarText = false;
    switch (type) {
      case 'newline':
        opened = 0;
        isLineStart = true;
        continue;
      case 'space':
        if (isLineStart && lexeme.length > MAX_INDENT) {
          return { message: `is indented by more than ${MAX_INDENT} columns`, offset: at };
        }
        break;
      case 'seq-item-ind':
      case 'explicit-key-ind':
      case 'map-value-ind':
        opened++;
        break;
      case 'flow-map-start':
      case 'flow-seq-start':
        flowDepth++;
        opened = 0;
        break;
      case 'flow-map-end':
      case 'flow-seq-end':
        flowDepth = Math.max(0, flowDepth - 1);
        break;
      case 'alias':
        aliases++;
        break;
      case 'tag':
        return { message: 'tags ("!…") are not allowed', offset: at };
    }
    isLineStart = false;
    if (flowDepth > MAX_DEPTH || (flowDepth === 0 && opened > MAX_DEPTH)) {
      return { message: `is nested more than ${MAX_DEPTH} levels deep`, offset: at };
    }
    if (aliases > MAX_ALIASES) {
      return { message: `uses more than ${MAX_ALIASES} aliases ("*name")`, offset: at };
    }
  }
  return undefined;
}
