export { admin } from './admin.ts';
export { findPages } from './find-pages.ts';
