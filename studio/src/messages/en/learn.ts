/** @file English words of the view Learn. */
export const learn = {
  title: 'Learn',
};
