import type { Io } from '../io.ts';
import { displayWidth } from '../text-width.ts';

const EVERY_MS = 100;
/** A stream that claims to be a terminal and does not say how large. */
const SIZE = { columns: 80, rows: 24 };

/**
 * Lines at the end of a terminal that are drawn over themselves. What anybody else writes to the stream meanwhile
 * appears above them. They go when it is disposed of.
 */
export class LiveBlock implements Disposable {
  readonly #stream: Io['stderr'];
  readonly #lines: (size: { columns: number; rows: number }) => readonly string[];
  readonly #timer: NodeJS.Timeout;
  readonly #write: Io['stderr']['write'];
  #drawn: readonly string[] = [];

  constructor(stream: Io['stderr'], lines: (size: { columns: number; rows: number }) => readonly string[]) {
    this.#stream = stream;
    this.#lines = lines;
    this.#write = stream.write.bind(stream);
    stream.write = ((...args: Parameters<Io['stderr']['write']>) => {
      this.#erase();
      const isBelow = this.#write(...args);
      this.#draw();
      return isBelow;
    }) as Io['stderr']['write'];
    this.#timer = setInterval(() => this.#draw(), EVERY_MS).unref();
    this.#draw();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#erase();
    this.#stream.write = this.#write;
  }

  /** In one write, each line over the old one and then cleared behind: nothing flickers. */
  #draw(): void {
    const lines = this.#lines(this.#size());
    const text = lines.map((line) => `${line}\u001b[K\n`).join('');
    this.#write(`${this.#up()}${text}\u001b[J`);
    this.#drawn = lines;
  }

  #erase(): void {
    this.#write(`${this.#up()}\u001b[J`);
    this.#drawn = [];
  }

  /** To the first of the lines, which a terminal that has become narrower has broken. */
  #up(): string {
    const { columns } = this.#size();
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)),
      0,
    );
    return rows === 0 ? '\r' : `\r\u001b[${rows}A`;
  }

  #size(): { columns: number; rows: number } {
    const { columns, rows } = this.#stream;
    return { columns: columns || SIZE.columns, rows: rows || SIZE.rows };
  }
}
