export { type AdminOptions, admin } from './admin.ts';
export { findPages } from './find-pages.ts';
