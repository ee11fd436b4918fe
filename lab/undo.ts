/**
 * Undo of a sequence of stages: each stage queues its undo before it acts. On disposal every undo runs, last
 * first, even if another throws; their errors are collected into one.
 */
export class UndoStack implements AsyncDisposable {
  readonly #undos: { name: string; undo: () => Promise<void> | void }[] = [];

  /** Queues the undo of a stage; `name` says in an error which undo failed. */
  push(name: string, undo: () => Promise<void> | void): void {
    this.#undos.push({ name, undo });
  }

  /** Takes an undo out again: what it would undo is to stay. */
  drop(name: string): void {
    const index = this.#undos.findLastIndex((each) => each.name === name);
    if (index >= 0) this.#undos.splice(index, 1);
  }

  /** Hands the queued undos over to a new owner: this stack then does nothing. */
  release(): UndoStack {
    const successor = new UndoStack();
    successor.#undos.push(...this.#undos.splice(0));
    return successor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors: Error[] = [];
    for (let entry = this.#undos.pop(); entry; entry = this.#undos.pop()) {
      try {
        await entry.undo();
      } catch (cause) {
        errors.push(new Error(`undo of '${entry.name}' failed: ${String(cause)}`, { cause }));
      }
    }
    const [only] = errors;
    if (only && errors.length === 1) throw only;
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} undos failed`);
  }
}
