// undici has types for its whole and not for the file of its pool, which alone is loaded.
declare module 'undici/lib/dispatcher/pool.js' {
  export { Pool as default } from 'undici';
}
