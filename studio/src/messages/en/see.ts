/** @file English words of the view See. */
export const see = {
  title: 'See',
};
