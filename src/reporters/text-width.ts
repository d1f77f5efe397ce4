/** How many terminal columns a text takes, and how it is wrapped or cut to a number of them. */

const ZERO_WIDTH = /^\p{M}$/u;
/** East Asian wide and full-width blocks and emoji presentation (Unicode TR 11, abridged). */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}$/u;

export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (character <= '\u02ff') return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Cut to at most `columns`, the last one an ellipsis when something is missing. */
export function truncateText(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return '';
  return `${splitAt(text, columns - 1)[0]}…`;
}

/** The longest start that fits, and the rest. */
function splitAt(text: string, columns: number): [string, string] {
  let width = 0;
  let end = 0;
  for (const character of text) {
    const next = width + characterWidth(character);
    if (next > columns) break;
    width = next;
    end += character.length;
  }
  return [text.slice(0, end), text.slice(end)];
}

/** Lines of at most `columns` (≥ 2), broken at spaces; longer words are broken anywhere. */
export function wrapText(text: string, columns: number): string[] {
  const width = Math.max(2, columns);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (displayWidth(line) > width) {
      const [start, rest] = splitAt(line, width);
      lines.push(start);
      line = rest;
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines.map((each) => each.trimEnd());
}

export function padEnd(text: string, columns: number): string {
  return `${text}${' '.repeat(Math.max(0, columns - displayWidth(text)))}`;
}
