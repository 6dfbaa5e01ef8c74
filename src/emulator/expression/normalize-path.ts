const unreserved = /[A-Za-z0-9._~-]/;

/**
 * Cloudflare's normalisation, which comes before any rule (3.5): needless percent-encoding undone and the rest in upper
 * case, backslashes to slashes, slashes in a row to one, `.` and `..` resolved.
 */
export function normalizePath(path: string): string {
  const decoded = path.replace(/%([0-9a-f]{2})/gi, (found, code: string) => {
    const character = String.fromCharCode(Number.parseInt(code, 16));
    return unreserved.test(character) ? character : found.toUpperCase();
  });
  return resolveDots(decoded.replaceAll('\\', '/').replace(/\/{2,}/g, '/'));
}

function resolveDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/');
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === '..' && kept.length > 1) kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (last) kept.push('');
  }
  return kept.join('/');
}
