/** @file Says something to screen readers, in the page's live region: `announce('Saved')`. */
import { untrack } from 'svelte';

let said = $state('');

export const announcer = {
  get said() {
    return said;
  },
};

export function announce(text: string): void {
  // The same words twice are only said twice if the region changes in between.
  said = untrack(() => said) === text ? `${text}\u00a0` : text;
}
