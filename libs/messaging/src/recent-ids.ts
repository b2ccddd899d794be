/**
 * The ids of the last messages, some thousands of them: at least one generation's, at most two's.
 * Remembering costs nothing per id that is forgotten.
 */
export class RecentIds {
  readonly #generationMax: number;
  #young = new Set<string>();
  #old = new Set<string>();

  constructor(generationMax: number) {
    this.#generationMax = generationMax;
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  add(id: string): void {
    this.#young.add(id);
    if (this.#young.size < this.#generationMax) return;
    this.#old = this.#young;
    this.#young = new Set();
  }
}
