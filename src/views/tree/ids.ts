/** True for the 64 hex digits that engines draw at random: they may be shortened, ids that people chose may not. */
export function isRandomId(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}
