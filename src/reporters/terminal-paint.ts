/** The few ways in which the page uses colour; every one of them may be left out. */
import { Chalk } from 'chalk';

type Painter = (text: string) => string;

export interface Paint {
  readonly pass: Painter;
  readonly fail: Painter;
  readonly unknown: Painter;
  readonly title: Painter;
  readonly bold: Painter;
  readonly dim: Painter;
}

/** Sixteen colours only: those follow the user's own theme. */
export function createPaint(color: boolean): Paint {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  return {
    pass: (text) => chalk.green(text),
    fail: (text) => chalk.red(text),
    unknown: (text) => chalk.yellow(text),
    title: (text) => chalk.bold.underline(text),
    bold: (text) => chalk.bold(text),
    dim: (text) => chalk.dim(text),
  };
}
