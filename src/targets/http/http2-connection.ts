/** One request at a time over HTTP/2; several of these share a connection. */

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { Call } from '../../contract/call.ts';
import {
  applyRuling,
  NOT_SENDABLE,
  type Ruling,
  rulingOfTransport,
  type TransportFailure,
} from '../outcome-table.ts';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES } from './answer-limits.ts';
import type { Connection, ConnectionOwner, Done } from './connection.ts';
import { HttpAnswer } from './http-answer.ts';
import type { Http2Request, Http2Session, Http2Sessions } from './http2-sessions.ts';
import { type HttpRequest, isSendable } from './protocol.ts';

/** Headers that mean something for one connection only; HTTP/2 has no place for them. */
const CONNECTION_HEADERS = new Set(['connection', 'host', 'keep-alive', 'transfer-encoding']);

export class Http2Connection implements Connection, Http2Request {
  readonly #owner: ConnectionOwner;
  readonly #sessions: Http2Sessions;
  readonly #ownsSessions: boolean;
  readonly #authority: string;
  readonly #scheme: string;
  readonly #request: HttpRequest = { method: 'GET', path: '/', headers: [], body: null };
  readonly #answer: HttpAnswer;
  /** The stream of the call in flight: events of any other come too late. */
  #stream: ClientHttp2Stream | null = null;
  #session: Http2Session | null = null;
  #call: Call | null = null;
  #done: Done | null = null;
  #isComplete = false;
  answerBytes = 0;
  deadlineUs = Number.POSITIVE_INFINITY;
  retired = false;

  constructor(
    origin: { readonly hostHeader: string; readonly secure: boolean },
    sessions: { readonly all: Http2Sessions; readonly owned: boolean },
    owner: ConnectionOwner,
  ) {
    this.#owner = owner;
    this.#sessions = sessions.all;
    this.#ownsSessions = sessions.owned;
    this.#answer = new HttpAnswer(owner.compression);
    this.#authority = origin.hostHeader;
    this.#scheme = origin.secure ? 'https' : 'http';
  }

  get busy(): boolean {
    return this.#call !== null;
  }

  get answerStartedAtUs(): number {
    return this.#call?.firstByteAtUs ?? 0;
  }

  begin(call: Call, done: Done, deadlineUs: number): boolean {
    const request = this.#request;
    if (!this.#owner.protocol.encode(call, request) || !isSendable(request)) return false;
    this.#call = call;
    this.#done = done;
    this.deadlineUs = deadlineUs;
    this.#session = this.#sessions.withRoom();
    this.#session.run(this);
    return true;
  }

  end(failure: TransportFailure): void {
    const stream = this.#stream;
    if (this.#call === null) return;
    if (stream === null) this.#session?.withdraw(this);
    this.#finish(rulingOfTransport(failure, this.#call.sentAtUs > 0));
    stream?.close(constants.NGHTTP2_CANCEL);
  }

  retire(failure: TransportFailure): void {
    this.retired = true;
    this.end(failure);
    if (this.#ownsSessions) this.#sessions.destroy();
  }

  async close(): Promise<void> {
    this.retire('cut_off');
  }

  // --- told by the session ---

  start(session: ClientHttp2Session, connectUs: number): void {
    const call = this.#call as Call;
    const { body } = this.#request;
    const owning = this.#session as Http2Session;
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(this.#headers(), { endStream: body === null });
    } catch (error) {
      this.#refuse(owning, error as Error);
      return;
    }
    this.#stream = stream;
    call.connectUs = connectUs;
    call.sentAtUs = this.#owner.clock.nowUs();
    this.#listen(stream, owning);
    if (body !== null) stream.end(body);
  }

  fail(_error: Error): void {
    if (this.#call !== null) this.#finish(rulingOfTransport('connection_lost', false));
  }

  /** Node finds the request or the session unusable: in a turn of its own, as all that ends. */
  #refuse(owning: Http2Session, error: Error): void {
    const { code } = error as { code?: string };
    const isOurs = code !== 'ERR_HTTP2_INVALID_SESSION' && code !== 'ERR_HTTP2_GOAWAY_SESSION';
    this.#owner.clock.soon(() => owning.finished());
    this.#finish(isOurs ? NOT_SENDABLE : rulingOfTransport('connection_lost', false));
  }

  #headers(): Record<string, string> {
    const { method, path, headers } = this.#request;
    const fields: Record<string, string> = {
      ':method': method,
      ':path': path,
      ':scheme': this.#scheme,
      ':authority': this.#authority,
    };
    for (let i = 0; i + 1 < headers.length; i += 2) {
      const name = (headers[i] as string).toLowerCase();
      if (!CONNECTION_HEADERS.has(name)) fields[name] = headers[i + 1] as string;
    }
    return fields;
  }

  #listen(stream: ClientHttp2Stream, owning: Http2Session): void {
    const isCurrent = (): boolean => this.#stream === stream;
    stream.on('response', (headers) => isCurrent() && this.#onHeaders(headers));
    stream.on('data', (chunk: Buffer) => isCurrent() && this.#onData(chunk));
    stream.on('end', () => {
      if (isCurrent()) this.#isComplete = true;
    });
    // What went wrong is told by `close` as well.
    stream.on('error', () => {});
    stream.on('close', () => {
      if (isCurrent()) this.#onClose(stream.rstCode);
      owning.finished();
    });
  }

  #onHeaders(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    const call = this.#call as Call;
    if (call.firstByteAtUs === 0) call.firstByteAtUs = this.#owner.clock.nowUs();
    const raw: Buffer[] = [];
    let bytes = 0;
    for (const [name, value] of Object.entries(headers)) {
      if (name.startsWith(':') || value === undefined) continue;
      for (const one of Array.isArray(value) ? value : [value]) {
        raw.push(Buffer.from(name, 'latin1'), Buffer.from(String(one), 'latin1'));
        bytes += name.length + String(one).length;
      }
    }
    this.answerBytes += bytes;
    if (bytes > MAX_HEADER_BYTES) this.end('answer_too_large');
    else this.#answer.readHeaders(headers[':status'] ?? 0, raw);
  }

  #onData(chunk: Buffer): void {
    this.answerBytes += chunk.length;
    this.#answer.add(chunk);
    if (this.#answer.bytes > MAX_BODY_BYTES) this.end('answer_too_large');
  }

  #onClose(code: number | undefined): void {
    const call = this.#call as Call;
    if (!this.#isComplete || (code !== undefined && code !== constants.NGHTTP2_NO_ERROR)) {
      // A refused stream was surely not looked at (RFC 9113, section 8.7).
      const isUntouched = code === constants.NGHTTP2_REFUSED_STREAM && call.firstByteAtUs === 0;
      this.#finish(rulingOfTransport(failureOf(code), !isUntouched));
      return;
    }
    call.status = this.#answer.status;
    const failure = this.#answer.unpack();
    if (failure === undefined) this.#owner.protocol.decode(call, this.#answer);
    this.#finish(failure === undefined ? undefined : rulingOfTransport(failure, true));
  }

  /** `ruling` is undefined when the answer has decided. */
  #finish(ruling: Ruling | undefined): void {
    const call = this.#call as Call;
    const done = this.#done as Done;
    if (ruling !== undefined) applyRuling(call, ruling);
    call.bytesReceived = this.#answer.bytes;
    call.doneAtUs = this.#owner.clock.nowUs();
    this.#call = null;
    this.#done = null;
    this.#stream = null;
    this.#session = null;
    this.#isComplete = false;
    this.answerBytes = 0;
    this.deadlineUs = Number.POSITIVE_INFINITY;
    this.#answer.clear();
    this.#owner.onFinished(this, call, done);
  }
}

function failureOf(code: number | undefined): TransportFailure {
  if (code === constants.NGHTTP2_ENHANCE_YOUR_CALM) return 'answer_too_large';
  if (code === constants.NGHTTP2_PROTOCOL_ERROR) return 'bad_answer';
  return 'connection_lost';
}
