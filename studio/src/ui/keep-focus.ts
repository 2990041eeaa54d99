/**
 * @file Keeps the focus at its place when the control that has it goes, as Stop does at the end of a job:
 *   `<div {@attach keepFocus}>…</div>`. What is at that place now has it then; where nothing is, the view.
 */

const controls =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex="0"]';

/** @returns what ends it */
export function keepFocus(box: HTMLElement): () => void {
  let focused: HTMLElement | undefined;
  let place = 0;
  const controlsNow = () => [...box.querySelectorAll<HTMLElement>(controls)];

  function note({ target }: FocusEvent) {
    focused = target as HTMLElement;
    place = Math.max(0, controlsNow().indexOf(focused));
  }
  /** A press beside all controls leaves what had the focus, which is still there. */
  function leave() {
    queueMicrotask(() => {
      if (focused?.isConnected && document.activeElement === document.body) focused = undefined;
    });
  }
  const observer = new MutationObserver(() => {
    if (!focused || focused.isConnected || document.activeElement !== document.body) return;
    focused = undefined;
    const now = controlsNow();
    (now[Math.min(place, now.length - 1)] ?? document.querySelector('main'))?.focus();
  });

  observer.observe(box, { childList: true, subtree: true });
  box.addEventListener('focusin', note);
  box.addEventListener('focusout', leave);
  return () => {
    observer.disconnect();
    box.removeEventListener('focusin', note);
    box.removeEventListener('focusout', leave);
  };
}
