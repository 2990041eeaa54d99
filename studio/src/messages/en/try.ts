/** @file English words of the view Try. */
export const tryOut = {
  title: 'Try',
};
