/** @file A plugin of Vite: the build fails if the page, packed, is larger than it may be. */
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

export interface PageSizeOptions {
  /** Of all scripts and styles together, packed by gzip, in 1000 bytes. */
  limitKilobytes: number;
}

/** The engine is not counted: the files of promptune/browser, which are no part of the page's bundle. */
export function pageSize({ limitKilobytes }: PageSizeOptions): Plugin {
  return {
    name: 'page size',
    apply: 'build',
    generateBundle(_, bundle) {
      const sizes = Object.values(bundle)
        .filter(({ fileName }) => /\.(?:js|css)$/.test(fileName))
        .map((file) => gzipSync(file.type === 'chunk' ? file.code : file.source).length);
      const kilobytes = sizes.reduce((sum, size) => sum + size, 0) / 1000;
      const said = `the page has ${kilobytes.toFixed(1)} kB, packed; it may have ${limitKilobytes}`;
      if (kilobytes > limitKilobytes) this.error(said);
      this.info(said);
    },
  };
}
