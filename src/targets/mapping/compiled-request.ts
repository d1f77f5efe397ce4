/** A request template compiled once: what is constant is joined, the rest is rendered per request. */
import { toolVersion } from '../../base/tool-version.ts';
import { parseTemplate, type TextPart } from '../../contract/target-mapping/template.ts';
import type { BodyTemplate, RequestTemplate } from '../../contract/target-mapping.ts';
import type { HttpRequest } from '../http/protocol.ts';
import { joined, merged, piecesOf, type Render, renderIn, type ValueSource } from './rendering.ts';

export interface TemplateContext<C> {
  /** Before every path; '' for none. */
  readonly pathPrefix: string;
  /** Sent with every request unless the request has the same name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The value behind a name; undefined when the name is no placeholder here. */
  readonly sourceOf: (name: string) => ValueSource<C> | undefined;
}

type Piece<C> = string | Render<C>;

/** Fills requests; its array of headers is shared and overwritten by its next request. */
export class CompiledRequest<C> {
  readonly #method: RequestTemplate['method'];
  readonly #path: Render<C>;
  readonly #headers: string[];
  /** Where in `headers` a value has to be rendered. */
  readonly #rendered: readonly { readonly at: number; readonly render: Render<C> }[];
  readonly #body: Render<C> | null;

  constructor(template: RequestTemplate, context: TemplateContext<C>) {
    const compiler = new TemplateCompiler(context);
    this.#method = template.method;
    this.#path = compiler.path(template.path);
    const { fixed, rendered } = compiler.headers(template);
    this.#headers = fixed;
    this.#rendered = rendered;
    this.#body = template.body === undefined ? null : joined(compiler.body(template.body));
  }

  /** False when a value is missing or cannot stand where it should; nothing is to be sent then. */
  encode(context: C, request: HttpRequest): boolean {
    const path = this.#path(context);
    if (path === undefined) return false;
    let body: string | null = null;
    if (this.#body !== null) {
      const text = this.#body(context);
      if (text === undefined) return false;
      body = text;
    }
    for (const { at, render } of this.#rendered) {
      const value = render(context);
      if (value === undefined) return false;
      this.#headers[at] = value;
    }
    request.method = this.#method;
    request.path = path;
    request.headers = this.#headers;
    request.body = body;
    return true;
  }
}

/** Of constant text in a path: what a person may write there and a request line may not hold. */
const NOT_IN_PATH = /[^\x21-\x7e]+/gu;

class TemplateCompiler<C> {
  readonly #context: TemplateContext<C>;

  constructor(context: TemplateContext<C>) {
    this.#context = context;
  }

  #parse(text: string): TextPart[] {
    return parseTemplate(text, (name) => this.#context.sourceOf(name) !== undefined);
  }

  readonly #source = (name: string): ValueSource<C> =>
    this.#context.sourceOf(name) as ValueSource<C>;

  path(text: string): Render<C> {
    let isQuery = false;
    const pieces: Piece<C>[] = [this.#context.pathPrefix];
    for (const part of this.#parse(text)) {
      if (typeof part === 'string') {
        isQuery ||= part.includes('?');
        pieces.push(part.replace(NOT_IN_PATH, encodeURIComponent));
      } else {
        pieces.push(renderIn(isQuery ? 'query' : 'path', this.#source(part.name)));
      }
    }
    return joined(pieces);
  }

  headers(template: RequestTemplate): {
    fixed: string[];
    rendered: { at: number; render: Render<C> }[];
  } {
    const texts = new Map<string, string>([
      ['user-agent', `ecomsim/${toolVersion()}`],
      ['accept', 'application/json'],
    ]);
    for (const headers of [this.#context.headers, template.headers]) {
      for (const [name, value] of Object.entries(headers)) texts.set(name.toLowerCase(), value);
    }
    const hasBody = template.body !== undefined;
    if (hasBody && !texts.has('content-type')) texts.set('content-type', 'application/json');
    const fixed: string[] = [];
    const rendered: { at: number; render: Render<C> }[] = [];
    for (const [name, value] of texts) {
      const pieces = merged(piecesOf(this.#parse(value), 'header', this.#source));
      const isFixed = pieces.length === 0 || (pieces.length === 1 && typeof pieces[0] === 'string');
      if (!isFixed) rendered.push({ at: fixed.length + 1, render: joined(pieces) });
      fixed.push(name, isFixed ? ((pieces[0] ?? '') as string) : '');
    }
    return { fixed, rendered };
  }

  /** JSON text. A string that is one placeholder and nothing else keeps the value's own type. */
  body(template: BodyTemplate): Piece<C>[] {
    if (typeof template === 'string') {
      const parts = this.#parse(template);
      const [only] = parts;
      if (parts.length === 1 && only !== undefined && typeof only !== 'string') {
        return [renderIn('json', this.#source(only.name))];
      }
      const inString = (text: string): string => JSON.stringify(text).slice(1, -1);
      return ['"', ...piecesOf(parts, 'string', this.#source, inString), '"'];
    }
    if (typeof template !== 'object' || template === null) return [JSON.stringify(template)];
    const isList = Array.isArray(template);
    const pieces: Piece<C>[] = [isList ? '[' : '{'];
    for (const [index, [field, value]] of Object.entries(template).entries()) {
      if (index > 0) pieces.push(',');
      if (!isList) pieces.push(`${JSON.stringify(field)}:`);
      pieces.push(...this.body(value as BodyTemplate));
    }
    return [...pieces, isList ? ']' : '}'];
  }
}
