import type { Copyable } from '../../../protocol/pages';

/** The texts of one page that can be copied: the page names them by id, so it can copy nothing that it was not given. */
export class CopyTable {
  /** @param prefix sets the ids of this table apart from those of an earlier one that a page may still show */
  constructor(private readonly prefix = 'c') {}

  private readonly texts = new Map<string, string>();
  private readonly ids = new Map<string, string>();

  add(text: string): Copyable {
    let copyId = this.ids.get(text);
    if (copyId === undefined) {
      copyId = `${this.prefix}.${this.ids.size + 1}`;
      this.ids.set(text, copyId);
      this.texts.set(copyId, text);
    }
    return { copyId, text };
  }

  /** The text of an id, or undefined when the page was never given it. */
  get(copyId: string): string | undefined {
    return this.texts.get(copyId);
  }
}
