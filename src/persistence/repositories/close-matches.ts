/** Up to three of `candidates` that `text` may have been meant to be, the closest first. */
export function closeMatches(text: string, candidates: readonly string[]): string[] {
  const wanted = text.toLowerCase();
  const limit = Math.min(3, Math.max(1, Math.floor(wanted.length / 5)));
  return candidates
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** One contains the other: as near as one typing mistake. Else the number of edits. */
function distanceOf(wanted: string, candidate: string): number {
  return wanted.length > 2 && candidate.includes(wanted) ? 1 : editDistance(wanted, candidate);
}

/** Levenshtein: insertions, deletions and substitutions that turn one text into the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const substitution = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(substitution, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
