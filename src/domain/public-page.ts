import type { Brand, TemplateName } from './brand.ts';

/** A site may be reopened at the edge this long after it was here, unless visits have shown it sooner. Milliseconds. */
export const EDGE_LAG_MS = 90_000;

/** All that the public may know of a site that is closed, or was until a moment ago. */
export interface PublicState {
  /** Lower-case, punycode. */
  domain: string;
  /** `reopening`: open here, but the edge may still send visitors to the page. */
  state: 'closed' | 'reopening';
  /** What the public may read; the reason of a hold is not. */
  message: string | null;
  /** The expected end, also when it has passed; null when none is known. */
  until: Date | null;
  /** What the window asks for that holds the site; null where the site itself decides. */
  template: TemplateName | null;
  brand: Brand;
}
